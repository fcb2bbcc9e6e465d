ALTER TABLE users ADD COLUMN code text NOT NULL;
--> MayFail users.code: adds the required column users.code without a default
ALTER TABLE users ADD nr int PRIMARY KEY;
--> MayFail users.nr: adds the required column users.nr without a default
