DROP SEQUENCE users_id_seq;
--> Breaking users_id_seq: drops sequence users_id_seq: queries and code that use it fail
DROP SEQUENCE IF EXISTS a, app.b CASCADE;
--> Breaking a: drops sequence a: queries and code that use it fail
--> Breaking app.b: drops sequence app.b: queries and code that use it fail
