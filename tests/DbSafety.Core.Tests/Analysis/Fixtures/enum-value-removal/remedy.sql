-- given
-- migration
DROP TYPE mood;
CREATE TYPE mood AS ENUM ('sad');
-- instead, in words alone
