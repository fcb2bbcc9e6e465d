-- given
-- migration
CREATE TYPE mood AS ENUM ('sad');
-- instead, in words alone
