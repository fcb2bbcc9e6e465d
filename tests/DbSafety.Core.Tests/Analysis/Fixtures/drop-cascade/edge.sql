-- Several at once.
DROP TYPE a, app.b CASCADE;
--> Destructive a: drops type a and, by CASCADE, every column that uses it
--> Destructive app.b: drops type app.b and, by CASCADE, every column that uses it
DROP OWNED BY a, b CASCADE;
--> Destructive a: drops everything that a owns
--> Destructive b: drops everything that b owns
