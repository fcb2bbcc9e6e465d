ALTER TABLE app.users DISABLE ROW LEVEL SECURITY, DISABLE TRIGGER audit;
--> Breaking app.users: switches row security of app.users off: all its rows can be seen by everyone with a right to it
