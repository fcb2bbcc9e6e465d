GRANT ALL ON ALL TABLES IN SCHEMA app TO app;
--> Info app: grants privileges on schema app
GRANT EXECUTE ON FUNCTION f(int, text) TO app WITH GRANT OPTION;
--> Info f: grants privileges on function f
