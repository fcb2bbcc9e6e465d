-- A check that was validated above has shown it already.
ALTER TABLE users ADD CONSTRAINT has_email CHECK (email IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT has_email;
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
--> Info users.email: sets users.email NOT NULL: a CHECK constraint that was validated before proves that there are no NULLs
-- A column that the set added itself is read too.
ALTER TABLE orders ADD COLUMN code text;
ALTER TABLE orders ALTER COLUMN code SET NOT NULL;
--> Blocking orders.code: ACCESS EXCLUSIVE on orders: blocks reads and writes until the transaction ends; sets orders.code NOT NULL and reads every row
