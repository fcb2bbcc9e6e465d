DROP TYPE mood CASCADE;
--> Destructive mood: drops type mood and, by CASCADE, every column that uses it
DROP DOMAIN IF EXISTS email CASCADE;
--> Destructive email: drops domain email and, by CASCADE, every column that uses it
DROP EXTENSION citext CASCADE;
--> Destructive citext: drops extension citext and, by CASCADE, every column that uses it
DROP OWNED BY app;
--> Destructive app: drops everything that app owns
