-- NOT ENFORCED is from PostgreSQL 18 on, and checks nothing.
ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT ENFORCED;
