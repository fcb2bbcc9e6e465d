ALTER INDEX i RENAME TO j;
--> Info i: renames index i to j: queries do not name it
ALTER TABLE users RENAME CONSTRAINT a TO b;
--> Info users.a: renames constraint users.a to b: queries do not name it
ALTER TRIGGER t ON users RENAME TO u;
--> Info users.t: renames trigger users.t to u: queries do not name it
ALTER POLICY p ON users RENAME TO q;
--> Info users.p: renames policy users.p to q: queries do not name it
