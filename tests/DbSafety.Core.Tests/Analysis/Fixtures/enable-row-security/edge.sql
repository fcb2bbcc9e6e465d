-- FORCE concerns the owner alone.
ALTER TABLE users FORCE ROW LEVEL SECURITY;
ALTER TABLE app.users ENABLE ROW LEVEL SECURITY;
--> Breaking app.users: switches row security of app.users on: roles that no policy admits see no row any more
