-- An enum of the set takes its own values alone.
CREATE TYPE mood_new AS ENUM ('sad');
ALTER TABLE users ALTER COLUMN mood TYPE mood_new USING mood::text::mood_new;
--> MayFail users.mood: converts the values of users.mood to mood_new; fails if one of them cannot be converted
-- PostgreSQL has no assignment cast from text to int: it refuses that for an empty table as well.
ALTER TABLE orders ADD COLUMN amount varchar(20);
ALTER TABLE orders RENAME COLUMN amount TO sum;
ALTER TABLE orders ALTER COLUMN sum TYPE numeric(10, 2);
--> MayFail orders.sum: converts the values of orders.sum to numeric(10, 2): PostgreSQL refuses it, whatever the data: column sum cannot be cast automatically to type numeric(10, 2)
CREATE TABLE draft (a text, b int);
ALTER TABLE draft ALTER COLUMN b TYPE date;
--> Info draft.b: converts the values of draft.b to date; fails if one of them cannot be converted: it was created by the same pending migrations
ALTER TABLE draft ALTER COLUMN a TYPE uuid USING a::uuid;
--> Info draft.a: converts the values of draft.a to uuid; fails if one of them cannot be converted: it was created by the same pending migrations
ALTER TABLE draft ALTER COLUMN a TYPE varchar(40);
--> Info draft.a: converts the values of draft.a to varchar(40); fails if one of them cannot be converted: it was created by the same pending migrations
ALTER TABLE draft ALTER COLUMN a TYPE jsonb;
--> MayFail draft.a: converts the values of draft.a to jsonb: PostgreSQL refuses it, whatever the data: column a cannot be cast automatically to type jsonb
