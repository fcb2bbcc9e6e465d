-- A check that was validated above has shown it already.
ALTER TABLE users ADD CONSTRAINT has_email CHECK (email IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT has_email;
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
--> Info users.email: requires a value in every row of users.email: a CHECK constraint that was validated before proves that there are no NULLs
-- A column that the set added itself may still be empty.
ALTER TABLE orders ADD COLUMN code text;
ALTER TABLE orders ALTER COLUMN code SET NOT NULL;
--> MayFail orders.code: requires a value in every row of orders.code: the new column is NULL in every row
-- Filled in the same transaction, under a lock that was there before: nobody writes a null in between.
ALTER TABLE orders ADD COLUMN paid boolean;
UPDATE orders SET paid = false WHERE paid IS NULL;
ALTER TABLE orders ALTER COLUMN paid SET NOT NULL;
--> Info orders.paid: requires a value in every row of orders.paid: the same transaction fills every row, under a lock that blocks other writers
ALTER TABLE orders ADD COLUMN sent boolean DEFAULT false;
ALTER TABLE orders ALTER COLUMN sent SET NOT NULL;
--> Info orders.sent: requires a value in every row of orders.sent: the same transaction adds the column, with a default that every row has
-- Some rows, a value that can be null, or no lock before: it can fail.
UPDATE orders SET paid = false WHERE id > 5;
ALTER TABLE orders ALTER COLUMN paid SET NOT NULL;
--> MayFail orders.paid: requires a value in every row of orders.paid
UPDATE orders SET paid = was_paid;
ALTER TABLE orders ALTER COLUMN paid SET NOT NULL;
--> MayFail orders.paid: requires a value in every row of orders.paid
UPDATE ONLY orders SET paid = true;
ALTER TABLE orders ALTER COLUMN paid SET NOT NULL;
--> MayFail orders.paid: requires a value in every row of orders.paid
COMMIT;
BEGIN;
UPDATE people SET email = '' WHERE email IS NULL;
ALTER TABLE people ALTER COLUMN email SET NOT NULL;
--> MayFail people.email: requires a value in every row of people.email
COMMIT;
BEGIN;
LOCK TABLE people IN SHARE ROW EXCLUSIVE MODE;
UPDATE people SET email = '' WHERE email IS NULL;
ALTER TABLE people ALTER COLUMN email SET NOT NULL;
--> Info people.email: requires a value in every row of people.email: the same transaction fills every row, under a lock that blocks other writers
COMMIT;
