ALTER TABLE users ALTER COLUMN name SET DEFAULT '';
--> Blocking users: asks for a lock on users and would wait for it without end, and all others behind it
ALTER TABLE orders RENAME TO purchases;
