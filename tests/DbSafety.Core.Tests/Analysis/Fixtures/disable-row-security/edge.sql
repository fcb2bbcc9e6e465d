ALTER TABLE app.users DISABLE ROW LEVEL SECURITY, DISABLE TRIGGER audit;
--> Breaking app.users: disables row-level security on app.users: all roles with privileges on it can access all its rows
