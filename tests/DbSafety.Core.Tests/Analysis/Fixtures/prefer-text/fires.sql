CREATE TABLE users (name varchar(30), mail character varying (100));
--> Info users.name: limits users.name to varchar(30), and a shorter limit later is a type change that fails on longer values
--> Info users.mail: limits users.mail to character varying (100), and a shorter limit later is a type change that fails on longer values
