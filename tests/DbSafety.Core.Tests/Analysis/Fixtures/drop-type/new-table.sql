CREATE TYPE draft AS ENUM ('a');
DROP TYPE draft;
--> Info draft: drops type draft: what still uses it fails: it was made by the same pending migrations
