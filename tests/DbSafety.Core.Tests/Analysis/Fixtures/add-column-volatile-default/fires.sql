ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();
--> Blocking users.token: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds column users.token, whose value comes from gen_random_uuid() row by row and writes the table anew
ALTER TABLE users ADD COLUMN no bigserial;
--> Blocking users.no: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds column users.no, whose value comes from a sequence row by row and writes the table anew
ALTER TABLE users ADD COLUMN nr int GENERATED ALWAYS AS IDENTITY;
--> Blocking users.nr: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds column users.nr, whose value comes from a sequence row by row and writes the table anew
