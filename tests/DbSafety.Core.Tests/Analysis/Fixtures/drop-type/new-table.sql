CREATE TYPE draft AS ENUM ('a');
DROP TYPE draft;
--> Info draft: drops type draft: it was made by the same pending migrations
