-- migration
CREATE TABLE users (name varchar(30));
-- instead
