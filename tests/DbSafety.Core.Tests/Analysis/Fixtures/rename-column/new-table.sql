CREATE TABLE draft (a int);
ALTER TABLE draft RENAME a TO b;
--> Info draft.a: renames draft.a to b: it was created by the same pending migrations
ALTER TABLE users ADD COLUMN c int;
ALTER TABLE users RENAME c TO d;
--> Info users.c: renames users.c to d: it was created by the same pending migrations
