ALTER TABLE users ENABLE TRIGGER audit;
SET session_replication_role = DEFAULT;
