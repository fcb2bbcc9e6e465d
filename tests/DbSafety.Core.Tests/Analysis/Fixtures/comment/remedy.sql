-- given
-- migration
COMMENT ON TABLE users IS 'People';
-- instead, in words alone
