-- NOT NULL may stand anywhere; DEFAULT NULL fills nothing.
ALTER TABLE users ADD COLUMN a text CONSTRAINT present NOT NULL CHECK (a <> ''), ADD COLUMN b text DEFAULT NULL NOT NULL;
--> MayFail users.a: adds column users.a as NOT NULL without a default; fails if the table has rows
--> MayFail users.b: adds column users.b as NOT NULL without a default; fails if the table has rows
