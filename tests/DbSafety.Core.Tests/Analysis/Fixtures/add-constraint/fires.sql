ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;
--> Info users.adult: adds constraint users.adult
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE USING INDEX users_email_idx;
--> Info users.users_email: adds constraint users.users_email
