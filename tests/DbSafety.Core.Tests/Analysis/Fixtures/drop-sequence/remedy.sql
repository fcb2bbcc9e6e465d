-- given
-- migration
DROP SEQUENCE users_id_seq;
-- instead, in words alone
