ALTER TABLE users VALIDATE CONSTRAINT adult;
--> MayFail users.adult: checks every row against users.adult
ALTER DOMAIN email VALIDATE CONSTRAINT has_at;
--> MayFail email.has_at: checks every row against email.has_at
