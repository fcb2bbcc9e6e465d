CREATE TYPE draft AS ENUM ('a');
ALTER TYPE draft RENAME TO made;
--> Info draft: renames type draft to made: casts, functions and clients that name it fail: it was made by the same pending migrations
