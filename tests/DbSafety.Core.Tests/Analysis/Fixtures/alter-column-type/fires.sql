ALTER TABLE users ALTER COLUMN age TYPE bigint;
--> Blocking users.age: ACCESS EXCLUSIVE on users and what depends on users.age: blocks reads and writes until the transaction ends; changes the type of users.age to bigint
ALTER TABLE users ALTER name SET DATA TYPE varchar(50) COLLATE "C" USING left(name, 50);
--> Blocking users.name: ACCESS EXCLUSIVE on users and what depends on users.name: blocks reads and writes until the transaction ends; changes the type of users.name to varchar(50)
