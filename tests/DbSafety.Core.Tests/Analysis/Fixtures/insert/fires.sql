INSERT INTO users (id) VALUES (1);
--> Info users: adds rows to users
COPY app.users FROM '/tmp/users.csv';
--> Info app.users: adds rows to app.users
