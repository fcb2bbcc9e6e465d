ALTER TABLE users DISABLE TRIGGER audit;
--> Breaking users.audit: switches trigger audit of users off: what it did happens no more, for all sessions
ALTER TABLE users DISABLE TRIGGER ALL;
--> Breaking users.all: switches trigger all of users off: what it did happens no more, for all sessions
SET session_replication_role = replica;
--> Breaking session_replication_role: switches triggers and foreign keys off for this session: rows can be left that point nowhere
