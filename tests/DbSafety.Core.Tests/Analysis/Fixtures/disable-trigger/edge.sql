ALTER TABLE app.users DISABLE RULE r;
--> Breaking app.users.r: disables trigger r on app.users: it no longer fires, in all sessions
SET LOCAL session_replication_role TO 'replica';
--> Breaking session_replication_role: disables triggers and foreign key checks for this session: rows that violate foreign keys can remain
