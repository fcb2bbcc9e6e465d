DROP FUNCTION f(int, text), g();
--> Breaking f: drops function f: queries and code that use it fail
--> Breaking g: drops function g: queries and code that use it fail
DROP PROCEDURE IF EXISTS app.p;
--> Breaking app.p: drops procedure app.p: queries and code that use it fail
DROP AGGREGATE total(int);
--> Breaking total: drops aggregate total: queries and code that use it fail
DROP ROUTINE r;
--> Breaking r: drops routine r: queries and code that use it fail
