CREATE TYPE draft AS ENUM ('a');
DROP TYPE draft CASCADE;
--> Info draft: drops type draft and, by CASCADE, every column that uses it: it was created by the same pending migrations, and no existing column has its type
-- What was there has got a type of the set.
CREATE DOMAIN label AS text;
CREATE DOMAIN title AS label;
CREATE TYPE state AS ENUM ('on', 'off');
CREATE TYPE pair AS (a int, b state);
CREATE TYPE span AS RANGE (subtype = int);
CREATE TYPE person AS (id int, name text);
CREATE TYPE unused AS ENUM ('a');
CREATE TYPE of_new AS ENUM ('a');
CREATE TYPE replaced AS ENUM ('a');
CREATE TYPE used_unseen AS ENUM ('a');
CREATE TABLE fresh (s of_new, row_of state);
ALTER TABLE users ADD COLUMN title title, ADD COLUMN spans span_multirange;
ALTER TABLE users ADD COLUMN pairs pair[];
ALTER TABLE users RENAME TO people;
ALTER TABLE people RENAME COLUMN pairs TO state;
ALTER TABLE people OF person;
ALTER TABLE people ALTER COLUMN kind TYPE replaced USING kind::replaced;
ALTER TABLE people ALTER COLUMN kind TYPE text;
DROP DOMAIN label CASCADE;
--> Destructive label: drops domain label and, by CASCADE, every column that uses it: column people.title
DROP TYPE IF EXISTS state CASCADE;
--> Destructive state: drops type state and, by CASCADE, every column that uses it: column people.state
DROP TYPE span CASCADE;
--> Destructive span: drops type span and, by CASCADE, every column that uses it: column people.spans
DROP TYPE person CASCADE;
--> Destructive person: drops type person and, by CASCADE, every column that uses it: table people
DROP TYPE unused, of_new, replaced CASCADE;
--> Info unused: drops type unused and, by CASCADE, every column that uses it: it was created by the same pending migrations, and no existing column has its type
--> Info of_new: drops type of_new and, by CASCADE, every column that uses it: it was created by the same pending migrations, and no existing column has its type
--> Info replaced: drops type replaced and, by CASCADE, every column that uses it: it was created by the same pending migrations, and no existing column has its type
CREATE DOMAIN d0 AS text;
DO $$ BEGIN ALTER TABLE people ALTER COLUMN kind TYPE d0; END $$;
ALTER DOMAIN d0 RENAME TO d1;
DROP DOMAIN d1 CASCADE;
--> Destructive d1: drops domain d1 and, by CASCADE, every column that uses it: column people.kind
DO $$ BEGIN EXECUTE current_setting('app.sql'); END $$;
DROP TYPE used_unseen CASCADE;
--> Destructive used_unseen: drops type used_unseen and, by CASCADE, every column that uses it: those that a statement whose effects are not known has given it
