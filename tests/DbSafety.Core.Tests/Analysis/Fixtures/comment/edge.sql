COMMENT ON FUNCTION f(int) IS 'x';
--> Info f: describes function f
COMMENT ON CONSTRAINT c ON users IS 'x';
--> Info c: describes constraint c
SECURITY LABEL FOR selinux ON TABLE users IS 'x';
--> Info users: describes table users
