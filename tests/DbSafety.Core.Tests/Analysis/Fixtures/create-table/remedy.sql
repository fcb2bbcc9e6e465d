-- given
-- migration
CREATE TABLE users (id int PRIMARY KEY);
-- instead, in words alone
