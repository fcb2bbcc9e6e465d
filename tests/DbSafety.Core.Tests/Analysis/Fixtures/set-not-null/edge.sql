-- A check that was validated above has shown it already.
ALTER TABLE users ADD CONSTRAINT has_email CHECK (email IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT has_email;
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
--> Info users.email: requires a value in every row of users.email: a check that was validated above has shown that there are no nulls
-- A column that the set added itself may still be empty.
ALTER TABLE orders ADD COLUMN code text;
ALTER TABLE orders ALTER COLUMN code SET NOT NULL;
--> MayFail orders.code: requires a value in every row of orders.code
