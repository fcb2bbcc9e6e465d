CREATE TABLE draft (id int, name text);
UPDATE draft SET name = 'x' WHERE id = 1;
--> Info draft: overwrites name in some rows of draft: the table was created by the same pending migrations
ALTER TABLE users ADD COLUMN full_name text;
UPDATE users SET full_name = name WHERE full_name IS NULL;
--> Info users: overwrites full_name in some rows of users: it fills columns that the same pending migrations created
