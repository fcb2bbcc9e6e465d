-- NOT ENFORCED is from PostgreSQL 18 on.
ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT ENFORCED;
--> Info users.adult: adds constraint users.adult
