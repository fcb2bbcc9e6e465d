ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();
--> Blocking users.token: adds column users.token, whose value comes from gen_random_uuid() row by row: users is written anew, and nobody can read or write it meanwhile
ALTER TABLE users ADD COLUMN no bigserial;
--> Blocking users.no: adds column users.no, whose value comes from a sequence row by row: users is written anew, and nobody can read or write it meanwhile
ALTER TABLE users ADD COLUMN nr int GENERATED ALWAYS AS IDENTITY;
--> Blocking users.nr: adds column users.nr, whose value comes from a sequence row by row: users is written anew, and nobody can read or write it meanwhile
