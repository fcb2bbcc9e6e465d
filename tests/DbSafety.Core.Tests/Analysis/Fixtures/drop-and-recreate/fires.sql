ALTER TABLE users DROP COLUMN age, ADD COLUMN age bigint;
--> Destructive users.age: adds column users.age anew, which the same migrations dropped: its values do not come back
DROP TABLE orders;
CREATE TABLE orders (id int);
--> Destructive orders: makes table orders anew, which the same migrations dropped: its rows do not come back
ALTER TABLE people DROP COLUMN name, ADD COLUMN full_name text;
--> Destructive people.name: drops people.name and adds full_name: if that is to be a rename, its values do not come along
