CREATE TYPE draft AS ENUM ('a');
DROP TYPE draft CASCADE;
--> Info draft: drops type draft and, by CASCADE, every column that uses it: it was made by the same pending migrations
