-- What is understood of an ALTER TABLE still counts (drop-column tells it); the rest is said here.
ALTER TABLE users DROP COLUMN legacy ANYWAY;
--> Opaque statement 1: is not a known statement: ALTER TABLE users DROP COLUMN legacy ANYWAY
DROP TABLE users users2;
--> Opaque statement 2: is not a known statement: DROP TABLE users users2
-- A comma does not make two of it.
ALTER TABLE events MODIFY QUERY SELECT a, b, c FROM raw;
--> Opaque statement 3: is not a known statement: ALTER TABLE events MODIFY QUERY SELECT a, b, c FROM raw
