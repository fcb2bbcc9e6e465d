REVOKE SELECT ON users FROM app;
--> Breaking users: takes rights on table users away: what used them fails
REVOKE ALL ON ALL TABLES IN SCHEMA app, public FROM PUBLIC CASCADE;
--> Breaking app: takes rights on schema app away: what used them fails
--> Breaking public: takes rights on schema public away: what used them fails
REVOKE admin FROM app;
--> Breaking admin: takes rights on role admin away: what used them fails
