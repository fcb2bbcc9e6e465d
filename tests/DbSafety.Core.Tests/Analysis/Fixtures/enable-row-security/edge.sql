-- FORCE concerns the owner alone.
ALTER TABLE users FORCE ROW LEVEL SECURITY;
ALTER TABLE app.users ENABLE ROW LEVEL SECURITY;
--> Breaking app.users: enables row-level security on app.users: roles without a policy that allows them see no rows
