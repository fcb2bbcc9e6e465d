ALTER SEQUENCE users_id_seq RESTART;
--> Breaking users_id_seq: lets sequence users_id_seq begin anew: inserts fail on numbers that are taken
ALTER SEQUENCE app.s INCREMENT BY 2 RESTART WITH 100;
--> Breaking app.s: lets sequence app.s begin anew: inserts fail on numbers that are taken
