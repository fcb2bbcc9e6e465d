CREATE TYPE mood AS ENUM ('sad');
--> Info mood: makes type mood
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
--> Info "uuid-ossp": makes extension "uuid-ossp"
CREATE SCHEMA app;
--> Info app: makes schema app
CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
--> Info f: makes function f
CREATE TRIGGER t BEFORE UPDATE OF name ON users EXECUTE FUNCTION g();
--> Info users.t: makes trigger users.t
CREATE POLICY own ON users USING (true);
--> Info users.own: makes policy users.own
