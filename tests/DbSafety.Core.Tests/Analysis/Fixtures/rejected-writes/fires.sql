ALTER TABLE users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
--> Breaking users: sets a column of users to GENERATED ALWAYS: INSERT and UPDATE that specify a value for it are rejected
ALTER TABLE users ALTER id SET GENERATED ALWAYS;
--> Breaking users: sets a column of users to GENERATED ALWAYS: INSERT and UPDATE that specify a value for it are rejected
ALTER TABLE users REPLICA IDENTITY NOTHING;
--> Breaking users: sets REPLICA IDENTITY NOTHING on users: UPDATE and DELETE are rejected while the table is in a publication
ALTER TABLE orders ALTER CONSTRAINT orders_user NOT DEFERRABLE;
--> Breaking orders: changes a constraint of orders to be checked immediately: writes that satisfy it only at the end of the transaction are rejected
ALTER VIEW v SET (check_option = cascaded);
--> Breaking v: changes the check option of view v: rows that the view does not show are rejected
ALTER TABLE users ENABLE RULE keep;
--> Breaking users.keep: enables rule keep on users: its actions run instead of writes again
ALTER SEQUENCE s MAXVALUE 1000;
--> Breaking s: sets the maxvalue of sequence s: inserts fail once it is reached
CREATE PUBLICATION feed FOR ALL TABLES;
--> Breaking feed: publishes tables with publication feed: UPDATE and DELETE of tables without a primary key or another replica identity are rejected
CREATE EVENT TRIGGER guard ON ddl_command_start EXECUTE FUNCTION guard();
--> Breaking guard: creates event trigger guard: it fires in every session, and can reject logins or DDL commands
