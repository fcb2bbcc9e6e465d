-- given
-- migration
INSERT INTO users (id) VALUES (1);
-- instead, in words alone
