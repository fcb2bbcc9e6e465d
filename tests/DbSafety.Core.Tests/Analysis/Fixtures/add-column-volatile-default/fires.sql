ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();
--> Blocking users.token: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds column users.token with a value from gen_random_uuid() in every row and rewrites the table
ALTER TABLE users ADD COLUMN no bigserial;
--> Blocking users.no: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds column users.no with a value from a sequence in every row and rewrites the table
ALTER TABLE users ADD COLUMN nr int GENERATED ALWAYS AS IDENTITY;
--> Blocking users.nr: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds column users.nr with a value from a sequence in every row and rewrites the table
