GRANT ALL ON ALL TABLES IN SCHEMA app TO app;
--> Info app: gives rights on schema app
GRANT EXECUTE ON FUNCTION f(int, text) TO app WITH GRANT OPTION;
--> Info f: gives rights on function f
