CREATE TYPE draft AS ENUM ('a');
ALTER TYPE draft ADD VALUE 'b';
INSERT INTO users (mood) VALUES ('b');
COMMIT;
ALTER TYPE draft ADD VALUE 'c';
INSERT INTO users (mood) VALUES ('c');
--> MayFail draft.c: uses 'c', which the same transaction added to draft: PostgreSQL refuses that until it is committed
