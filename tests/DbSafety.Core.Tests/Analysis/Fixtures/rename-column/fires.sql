ALTER TABLE users RENAME COLUMN name TO full_name;
--> Breaking users.name: renames users.name to full_name: code that uses the old name fails
ALTER TABLE app.users RENAME "Old" TO new;
--> Breaking app.users."Old": renames app.users."Old" to new: code that uses the old name fails
