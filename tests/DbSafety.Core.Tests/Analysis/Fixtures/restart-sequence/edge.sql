-- RESTART may stand between other options.
ALTER SEQUENCE IF EXISTS s MAXVALUE 10 RESTART CYCLE;
--> Breaking s: restarts sequence s: inserts fail with duplicate keys if its values are already in use
-- setval sets it too; its name may be computed.
SELECT setval('app.users_id_seq', 1, false), setval(pg_get_serial_sequence('users', 'id'), (SELECT max(id) FROM users));
--> Breaking app.users_id_seq: sets the value of sequence app.users_id_seq: inserts fail with duplicate keys if its values are already in use
