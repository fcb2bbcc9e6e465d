REVOKE GRANT OPTION FOR EXECUTE ON FUNCTION f(int), g() FROM app;
--> Breaking f: takes rights on function f away: what used them fails
--> Breaking g: takes rights on function g away: what used them fails
REVOKE UPDATE (name) ON TABLE app.users FROM app;
--> Breaking app.users: takes rights on table app.users away: what used them fails
