-- What Prisma writes behind the filling of a new column.
ALTER TABLE users ADD COLUMN at timestamp NOT NULL DEFAULT now();
ALTER TABLE users ALTER COLUMN at DROP DEFAULT;
--> Info users.at: takes the default of users.at away: the column was made by the same pending migrations
