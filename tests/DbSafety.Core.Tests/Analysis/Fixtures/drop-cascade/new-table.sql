CREATE TYPE draft AS ENUM ('a');
DROP TYPE draft CASCADE;
--> Info draft: drops type draft and, by CASCADE, every column that uses it: it was created by the same pending migrations, and no existing column has its type
