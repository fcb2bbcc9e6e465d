CREATE TYPE draft AS ENUM ('a', 'b');
INSERT INTO users (mood) VALUES ('b');
COMMIT;
ALTER TYPE draft ADD VALUE 'c';
INSERT INTO users (mood) VALUES ('c');
--> MayFail draft.c: uses 'c', which the same transaction added to draft: PostgreSQL refuses that until it is committed
COMMIT;
ALTER TYPE draft ADD VALUE 'd';
ALTER TYPE draft RENAME VALUE 'd' TO 'e';
INSERT INTO tags VALUES ('d');
INSERT INTO users (mood) VALUES ('e');
--> MayFail draft.e: uses 'e', which the same transaction added to draft: PostgreSQL refuses that until it is committed
DO $$ BEGIN UPDATE users SET mood = 'e'; END $$;
--> MayFail draft.e: uses 'e', which the same transaction added to draft: PostgreSQL refuses that until it is committed
CREATE FUNCTION later() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE users SET mood = 'e'; END $$;
CREATE FUNCTION now() RETURNS draft LANGUAGE sql AS $$ SELECT 'e'::draft $$;
--> MayFail draft.e: uses 'e', which the same transaction added to draft: PostgreSQL refuses that until it is committed
