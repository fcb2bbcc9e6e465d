-- given
CREATE TYPE mood AS ENUM ('sad');
-- migration
ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
-- instead
ALTER TYPE mood ADD VALUE 'blue';
-- then
SELECT 'blue'::mood IS NOT NULL AND 'sad'::mood IS NOT NULL
