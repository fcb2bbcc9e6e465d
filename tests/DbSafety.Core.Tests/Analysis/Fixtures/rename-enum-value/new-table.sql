CREATE TYPE draft AS ENUM ('a');
ALTER TYPE draft RENAME VALUE 'a' TO 'b';
--> Info draft.a: renames 'a' of draft to 'b': the type was created by the same pending migrations
