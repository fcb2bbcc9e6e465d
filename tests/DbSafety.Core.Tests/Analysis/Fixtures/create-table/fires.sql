CREATE TABLE users (id int PRIMARY KEY);
--> Info users: creates table users
CREATE TABLE IF NOT EXISTS app."T" AS SELECT 1;
--> Info app."T": creates table app."T"
SELECT 1 AS one INTO made;
--> Info made: creates table made
