ALTER TABLE users DROP COLUMN age, ADD COLUMN age bigint;
--> Destructive users.age: adds column users.age again, which the same migrations dropped: its values are lost
DROP TABLE orders;
CREATE TABLE orders (id int);
--> Destructive orders: re-creates table orders, which the same migrations dropped: its rows are lost
ALTER TABLE people DROP COLUMN name, ADD COLUMN full_name text;
--> Destructive people.name: drops people.name and adds full_name: if a rename is intended, its values are lost
