-- RESTART may stand between other options.
ALTER SEQUENCE IF EXISTS s MAXVALUE 10 RESTART CYCLE;
--> Breaking s: lets sequence s begin anew: inserts fail on numbers that are taken
-- setval sets it too; its name may be computed.
SELECT setval('app.users_id_seq', 1, false), setval(pg_get_serial_sequence('users', 'id'), (SELECT max(id) FROM users));
--> Breaking app.users_id_seq: sets sequence app.users_id_seq: inserts fail on numbers that are taken
