CREATE TYPE draft AS ENUM ('a', 'b');
DROP TYPE draft;
CREATE TYPE draft AS ENUM ('a');
