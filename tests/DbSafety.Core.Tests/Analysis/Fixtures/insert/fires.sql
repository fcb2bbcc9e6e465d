INSERT INTO users (id) VALUES (1);
--> Info users: inserts rows into users
COPY app.users FROM '/tmp/users.csv';
--> Info app.users: inserts rows into app.users
