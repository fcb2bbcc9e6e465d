CREATE TYPE draft AS ENUM ('a');
ALTER TYPE draft RENAME TO made;
--> Info draft: renames type draft to made: it was created by the same pending migrations
