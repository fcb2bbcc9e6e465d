ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18);
--> MayFail users.adult: requires age >= 18 of every row of users
