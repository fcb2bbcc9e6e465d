ALTER TABLE users DISABLE ROW LEVEL SECURITY;
--> Breaking users: disables row-level security on users: all roles with privileges on it can access all its rows
