-- Inside of a DO block it happens too.
DO $$ BEGIN TRUNCATE users; END $$;
--> Destructive users: truncates table users
TRUNCATE users * CONTINUE IDENTITY RESTRICT;
--> Destructive users: truncates table users
