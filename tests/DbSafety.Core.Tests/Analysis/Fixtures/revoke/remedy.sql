-- given
-- migration
REVOKE SELECT ON users FROM app;
-- instead, in words alone
