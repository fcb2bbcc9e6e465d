ALTER TABLE app.users DISABLE RULE r;
--> Breaking app.users.r: switches trigger r of app.users off: what it did happens no more, for all sessions
SET LOCAL session_replication_role TO 'replica';
--> Breaking session_replication_role: switches triggers and foreign keys off for this session: rows can be left that point nowhere
