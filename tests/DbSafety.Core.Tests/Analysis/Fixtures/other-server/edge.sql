-- With the schema of the extension, and behind a comma.
SELECT * FROM users, extensions.dblink('other', 'SELECT id FROM users') AS far (id int);
--> Opaque extensions.dblink: calls extensions.dblink, which connects to another server: its effects there are not analysed, not rolled back with this transaction, and not restored from a backup
