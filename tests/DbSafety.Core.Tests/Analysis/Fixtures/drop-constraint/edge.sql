-- Of a domain.
ALTER DOMAIN email DROP CONSTRAINT has_at;
--> Breaking email.has_at: drops constraint email.has_at: rows that violate it are accepted
-- One that the set added itself.
ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID;
ALTER TABLE users DROP CONSTRAINT c;
--> Info users.c: drops constraint users.c: it was created by the same pending migrations
