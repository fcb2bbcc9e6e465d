CREATE TYPE mood AS ENUM ('sad');
--> Info mood: creates type mood
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
--> Info "uuid-ossp": creates extension "uuid-ossp"
CREATE SCHEMA app;
--> Info app: creates schema app
CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
--> Info f: creates function f
CREATE TRIGGER t BEFORE UPDATE OF name ON users EXECUTE FUNCTION g();
--> Info users.t: creates trigger users.t
CREATE POLICY own ON users USING (true);
--> Info users.own: creates policy users.own
