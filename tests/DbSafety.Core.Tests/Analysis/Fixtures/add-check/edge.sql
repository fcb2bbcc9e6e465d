-- A condition with parentheses and a string in it.
ALTER TABLE users ADD CONSTRAINT c CHECK ((name <> ')') AND (age > 0 OR age IS NULL));
--> MayFail users.c: requires (name <> ')') AND (age > 0 OR age IS NULL) of every row of users
