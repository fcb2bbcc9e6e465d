-- A condition with parentheses and a string in it.
ALTER TABLE users ADD CONSTRAINT c CHECK ((name <> ')') AND (age > 0 OR age IS NULL));
--> MayFail users.c: requires every row of users to satisfy (name <> ')') AND (age > 0 OR age IS NULL)
-- Seen on a server: a domain's check is tested in every column of it.
ALTER DOMAIN email ADD CONSTRAINT has_at CHECK (VALUE LIKE '%@%');
--> MayFail email.has_at: requires every value of domain email to satisfy VALUE LIKE '%@%'
