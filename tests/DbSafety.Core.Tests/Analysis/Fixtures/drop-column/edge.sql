-- An attribute of a composite type is a column of every column of that type.
ALTER TYPE address DROP ATTRIBUTE IF EXISTS street CASCADE;
--> Destructive address.street: drops attribute address.street, in every column of that type
-- A column that is called constraint must be quoted.
ALTER TABLE users DROP "constraint";
--> Destructive users.constraint: drops column users.constraint
