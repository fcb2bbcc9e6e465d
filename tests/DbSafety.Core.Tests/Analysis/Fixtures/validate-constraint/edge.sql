ALTER TABLE app.users VALIDATE CONSTRAINT "Adult", ALTER COLUMN name SET DEFAULT '';
--> MayFail app.users."Adult": checks every row against app.users."Adult"
