ALTER TABLE users ALTER COLUMN age TYPE bigint;
--> Blocking users.age: changes the type of users.age to bigint; nobody can read or write users meanwhile
ALTER TABLE users ALTER name SET DATA TYPE varchar(50) COLLATE "C" USING left(name, 50);
--> Blocking users.name: changes the type of users.name to varchar(50); nobody can read or write users meanwhile
