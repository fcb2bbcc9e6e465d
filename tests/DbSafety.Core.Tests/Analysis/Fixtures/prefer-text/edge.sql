-- A change of type, and an array.
ALTER TABLE users ALTER COLUMN name TYPE varchar(40), ADD COLUMN tags varchar(9)[];
--> Info users.name: limits users.name to varchar(40), and a shorter limit later is a type change that fails on longer values
--> Info users.tags: limits users.tags to varchar(9)[], and a shorter limit later is a type change that fails on longer values
