-- NOT NULL may stand anywhere; DEFAULT NULL fills nothing.
ALTER TABLE users ADD COLUMN a text CONSTRAINT present NOT NULL CHECK (a <> ''), ADD COLUMN b text DEFAULT NULL NOT NULL;
--> MayFail users.a: adds the required column users.a without a default
--> MayFail users.b: adds the required column users.b without a default
