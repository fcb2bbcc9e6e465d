SELECT * FROM users;
--> Info statement 1: reads rows
COPY users TO STDOUT;
--> Info users: reads the rows of users
VALUES (1);
--> Info statement 3: reads rows
