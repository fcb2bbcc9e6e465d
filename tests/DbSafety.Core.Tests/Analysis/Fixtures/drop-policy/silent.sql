CREATE POLICY own ON users USING (true);
ALTER POLICY own ON users TO app;
