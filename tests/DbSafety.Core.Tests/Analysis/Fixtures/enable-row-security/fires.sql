ALTER TABLE users ENABLE ROW LEVEL SECURITY;
--> Breaking users: enables row-level security on users: roles without a policy that allows them see no rows
