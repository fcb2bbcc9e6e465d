COMMENT ON FUNCTION f(int) IS 'x';
--> Info f: sets a comment or security label on function f
COMMENT ON CONSTRAINT c ON users IS 'x';
--> Info c: sets a comment or security label on constraint c
SECURITY LABEL FOR selinux ON TABLE users IS 'x';
--> Info users: sets a comment or security label on table users
