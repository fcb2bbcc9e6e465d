CREATE TYPE draft AS ENUM ('a');
DROP TYPE draft;
--> Info draft: drops type draft: it was created by the same pending migrations
