-- given
-- migration
CLUSTER users USING users_pkey;
-- instead, in words alone
