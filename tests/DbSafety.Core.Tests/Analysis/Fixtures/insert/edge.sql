WITH x AS (INSERT INTO log DEFAULT VALUES RETURNING *) SELECT * FROM x;
--> Info log: inserts rows into log
COPY users (id, name) FROM stdin;
1	DROP TABLE users;
\.
--> Info users: inserts rows into users
