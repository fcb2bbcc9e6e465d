ALTER SEQUENCE users_id_seq RESTART;
--> Breaking users_id_seq: restarts sequence users_id_seq: inserts fail with duplicate keys if its values are already in use
ALTER SEQUENCE app.s INCREMENT BY 2 RESTART WITH 100;
--> Breaking app.s: restarts sequence app.s: inserts fail with duplicate keys if its values are already in use
