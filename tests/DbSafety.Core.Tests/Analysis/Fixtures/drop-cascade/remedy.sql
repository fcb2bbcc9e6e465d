-- given
CREATE TYPE mood AS ENUM ('sad');
-- migration
DROP TYPE mood CASCADE;
-- instead
DROP TYPE mood;
-- then
SELECT to_regtype('mood') IS NULL
