ALTER TABLE users DISABLE ROW LEVEL SECURITY;
--> Breaking users: switches row security of users off: all its rows can be seen by everyone with a right to it
