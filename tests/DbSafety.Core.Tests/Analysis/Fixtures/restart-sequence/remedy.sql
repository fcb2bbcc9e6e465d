-- given
-- migration
ALTER SEQUENCE users_id_seq RESTART;
-- instead, in words alone
