-- With CASCADE it is drop-cascade too.
DROP TYPE a, b CASCADE;
--> Breaking a: drops type a: queries and code that use it fail
--> Breaking b: drops type b: queries and code that use it fail
