CREATE TABLE users (id int PRIMARY KEY);
--> Info users: makes table users
CREATE TABLE IF NOT EXISTS app."T" AS SELECT 1;
--> Info app."T": makes table app."T"
SELECT 1 AS one INTO made;
--> Info made: makes table made
