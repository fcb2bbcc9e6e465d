COMMENT ON FUNCTION f(int) IS 'x';
--> Info f: sets a comment on function f
COMMENT ON CONSTRAINT c ON users IS 'x';
--> Info c: sets a comment on constraint c
SECURITY LABEL FOR selinux ON TABLE users IS 'x';
--> Info users: sets a security label on table users
