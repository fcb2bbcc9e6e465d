DROP SEQUENCE users_id_seq;
--> Breaking users_id_seq: drops sequence users_id_seq: what still uses it fails
DROP SEQUENCE IF EXISTS a, app.b CASCADE;
--> Breaking a: drops sequence a: what still uses it fails
--> Breaking app.b: drops sequence app.b: what still uses it fails
