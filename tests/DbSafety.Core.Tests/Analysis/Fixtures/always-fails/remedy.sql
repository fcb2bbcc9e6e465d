-- given
-- migration
ALTER TABLE users ADD CONSTRAINT known CHECK (EXISTS (SELECT 1 FROM countries WHERE code = country));
-- instead, in words alone
