-- NOT VALID spares no wait where the same transaction validates.
BEGIN;
ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_user;
--> Blocking orders: works through orders while orders is locked since line 3; nobody can write to orders until the transaction ends
COMMIT;
