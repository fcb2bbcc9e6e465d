-- given
-- migration
DROP FUNCTION f(int, text);
-- instead, in words alone
