REVOKE GRANT OPTION FOR EXECUTE ON FUNCTION f(int), g() FROM app;
--> Breaking f: revokes privileges on function f: statements that require them fail with permission denied
--> Breaking g: revokes privileges on function g: statements that require them fail with permission denied
REVOKE UPDATE (name) ON TABLE app.users FROM app;
--> Breaking app.users: revokes privileges on table app.users: statements that require them fail with permission denied
