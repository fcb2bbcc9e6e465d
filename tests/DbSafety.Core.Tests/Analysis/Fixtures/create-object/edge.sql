CREATE CONSTRAINT TRIGGER c AFTER INSERT ON app.users DEFERRABLE FOR EACH ROW EXECUTE FUNCTION g();
--> Info app.users.c: creates trigger app.users.c
CREATE RULE r AS ON INSERT TO users DO ALSO (DELETE FROM a; DELETE FROM b);
--> Info users.r: creates rule users.r
CREATE CAST (int AS mood) WITH INOUT;
--> Info (int AS mood): creates cast (int AS mood)
CREATE USER app PASSWORD 'x';
--> Info app: creates role app
