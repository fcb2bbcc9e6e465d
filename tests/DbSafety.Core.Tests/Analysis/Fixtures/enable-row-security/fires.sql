ALTER TABLE users ENABLE ROW LEVEL SECURITY;
--> Breaking users: switches row security of users on: roles that no policy admits see no row any more
