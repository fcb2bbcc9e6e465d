ALTER TABLE users RENAME COLUMN name TO full_name;
--> Breaking users.name: renames users.name to full_name: queries that use the old name fail
ALTER TABLE app.users RENAME "Old" TO new;
--> Breaking app.users."Old": renames app.users."Old" to new: queries that use the old name fail
