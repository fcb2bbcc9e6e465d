ALTER TYPE mood RENAME TO feeling;
DROP TABLE users;
