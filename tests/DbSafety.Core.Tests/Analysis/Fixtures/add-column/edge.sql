-- Columns called like key words.
ALTER TABLE users ADD "constraint" text, ADD COLUMN type text, ADD value int;
--> Info users.constraint: adds column users.constraint
--> Info users.type: adds column users.type
--> Info users.value: adds column users.value
