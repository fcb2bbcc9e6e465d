CREATE TYPE draft AS ENUM ('a');
ALTER TYPE draft ADD VALUE 'b';
INSERT INTO users (mood) VALUES ('b');
--> Info draft.b: uses 'b', which the same transaction added to draft: PostgreSQL refuses that until it is committed: the type was created by the same pending migrations
