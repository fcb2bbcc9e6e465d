-- Of a domain too: the values that are there are left alone.
ALTER DOMAIN email ADD CONSTRAINT has_at CHECK (VALUE LIKE '%@%') NOT VALID;
--> Info email.has_at: adds constraint email.has_at
