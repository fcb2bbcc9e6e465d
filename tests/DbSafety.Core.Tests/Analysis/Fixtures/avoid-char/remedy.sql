-- migration
CREATE TABLE users (code char(3));
-- instead
