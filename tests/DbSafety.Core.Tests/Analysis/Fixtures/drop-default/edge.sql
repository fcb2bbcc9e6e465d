-- What Prisma writes behind the filling of a new column.
ALTER TABLE users ADD COLUMN at timestamp NOT NULL DEFAULT now();
ALTER TABLE users ALTER COLUMN at DROP DEFAULT;
--> Info users.at: drops the default of users.at: the column was created by the same pending migrations
