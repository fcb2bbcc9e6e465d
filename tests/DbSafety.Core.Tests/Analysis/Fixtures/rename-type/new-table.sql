CREATE TYPE draft AS ENUM ('a');
ALTER TYPE draft RENAME TO made;
--> Info draft: renames type draft to made: it was made by the same pending migrations
