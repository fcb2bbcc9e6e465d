ALTER VIEW v RENAME TO w;
--> Breaking v: renames view v to w: code that uses the old name fails
ALTER SCHEMA app RENAME TO application;
--> Breaking app: renames schema app to application: code that uses the old name fails
ALTER FUNCTION f(int) SET SCHEMA api;
--> Breaking f: renames function f to schema api: code that uses the old name fails
ALTER SEQUENCE s RENAME TO t;
--> Breaking s: renames sequence s to t: code that uses the old name fails
