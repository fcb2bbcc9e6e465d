REVOKE SELECT ON users FROM app;
--> Breaking users: revokes privileges on table users: statements that require them fail with permission denied
REVOKE ALL ON ALL TABLES IN SCHEMA app, public FROM PUBLIC CASCADE;
--> Breaking app: revokes privileges on schema app: statements that require them fail with permission denied
--> Breaking public: revokes privileges on schema public: statements that require them fail with permission denied
REVOKE admin FROM app;
--> Breaking admin: revokes privileges on role admin: statements that require them fail with permission denied
