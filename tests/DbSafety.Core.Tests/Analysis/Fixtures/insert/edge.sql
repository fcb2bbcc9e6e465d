WITH x AS (INSERT INTO log DEFAULT VALUES RETURNING *) SELECT * FROM x;
--> Info log: adds rows to log
COPY users (id, name) FROM stdin;
1	DROP TABLE users;
\.
--> Info users: adds rows to users
