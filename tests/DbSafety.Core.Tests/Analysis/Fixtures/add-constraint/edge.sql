-- A domain's constraint is checked in every column of it; which these are is not known here.
ALTER DOMAIN email ADD CONSTRAINT has_at CHECK (VALUE LIKE '%@%');
--> Info email.has_at: adds constraint email.has_at
