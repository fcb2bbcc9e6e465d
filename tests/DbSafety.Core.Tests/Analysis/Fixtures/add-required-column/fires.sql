ALTER TABLE users ADD COLUMN code text NOT NULL;
--> MayFail users.code: adds column users.code as NOT NULL without a default; fails if the table has rows
ALTER TABLE users ADD nr int PRIMARY KEY;
--> MayFail users.nr: adds column users.nr as NOT NULL without a default; fails if the table has rows
