ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18);
--> MayFail users.adult: requires every row of users to satisfy age >= 18
