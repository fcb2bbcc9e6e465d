ALTER TABLE users DISABLE TRIGGER audit;
--> Breaking users.audit: disables trigger audit on users: it no longer fires, in all sessions
ALTER TABLE users DISABLE TRIGGER ALL;
--> Breaking users.all: disables trigger all on users: it no longer fires, in all sessions
SET session_replication_role = replica;
--> Breaking session_replication_role: disables triggers and foreign key checks for this session: rows that violate foreign keys can remain
