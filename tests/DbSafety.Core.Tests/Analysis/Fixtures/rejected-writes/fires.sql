ALTER TABLE users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
--> Breaking users: makes a column of users GENERATED ALWAYS: INSERT and UPDATE that give it a value are rejected
ALTER TABLE users ALTER id SET GENERATED ALWAYS;
--> Breaking users: makes a column of users GENERATED ALWAYS: INSERT and UPDATE that give it a value are rejected
ALTER TABLE users REPLICA IDENTITY NOTHING;
--> Breaking users: takes the replica identity of users away: UPDATE and DELETE are rejected while the table is in a publication
ALTER TABLE orders ALTER CONSTRAINT orders_user NOT DEFERRABLE;
--> Breaking orders: makes a constraint of orders checked at once: what held only at the end of the transaction is rejected
ALTER VIEW v SET (check_option = cascaded);
--> Breaking v: changes the check option of view v: rows that the view does not show are rejected
ALTER TABLE users ENABLE RULE keep;
--> Breaking users.keep: switches rule keep of users on: what it does instead of writes is done again
ALTER SEQUENCE s MAXVALUE 1000;
--> Breaking s: sets the maxvalue of sequence s: inserts fail once it is reached
CREATE PUBLICATION feed FOR ALL TABLES;
--> Breaking feed: publishes tables with publication feed: UPDATE and DELETE of tables without a primary key or another replica identity are rejected
CREATE EVENT TRIGGER guard ON ddl_command_start EXECUTE FUNCTION guard();
--> Breaking guard: creates event trigger guard: it runs in every session, and can reject logins or changes of definitions
