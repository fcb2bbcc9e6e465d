DROP FUNCTION f(int, text), g();
--> Breaking f: drops function f: what still uses it fails
--> Breaking g: drops function g: what still uses it fails
DROP PROCEDURE IF EXISTS app.p;
--> Breaking app.p: drops procedure app.p: what still uses it fails
DROP AGGREGATE total(int);
--> Breaking total: drops aggregate total: what still uses it fails
DROP ROUTINE r;
--> Breaking r: drops routine r: what still uses it fails
