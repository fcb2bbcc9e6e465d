-- With CASCADE it is drop-cascade too.
DROP TYPE a, b CASCADE;
--> Breaking a: drops type a: what still uses it fails
--> Breaking b: drops type b: what still uses it fails
