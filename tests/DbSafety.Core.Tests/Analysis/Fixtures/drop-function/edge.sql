-- Arguments with names, modes and defaults of types with parentheses.
DROP FUNCTION f(IN a numeric(10, 2), OUT b text[]) CASCADE;
--> Breaking f: drops function f: queries and code that use it fail
