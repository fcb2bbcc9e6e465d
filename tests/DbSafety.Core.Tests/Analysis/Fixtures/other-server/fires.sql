SELECT dblink_exec('dbname=other', 'DELETE FROM orders');
--> Opaque dblink_exec: calls dblink_exec, which connects to another server: its effects there are not analysed, not rolled back with this transaction, and not restored from a backup
INSERT INTO users SELECT * FROM dblink('other', 'SELECT id FROM users') AS far (id int);
--> Opaque dblink: calls dblink, which connects to another server: its effects there are not analysed, not rolled back with this transaction, and not restored from a backup
