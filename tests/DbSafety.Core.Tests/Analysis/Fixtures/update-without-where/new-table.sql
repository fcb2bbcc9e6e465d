ALTER TABLE users ADD COLUMN full_name text;
-- It fills what was made just now.
UPDATE users SET full_name = name;
--> Info users: overwrites full_name in every row of users: it fills columns that the same pending migrations created
