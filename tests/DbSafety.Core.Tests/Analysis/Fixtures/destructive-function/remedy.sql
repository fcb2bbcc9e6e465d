-- given
-- migration
SELECT lo_unlink(picture) FROM users;
-- instead, in words alone
