ALTER TABLE users ALTER "N" SET DEFAULT coalesce(NULL, 'a, b'), ALTER age SET DEFAULT 1;
--> Info users."N": sets the default of users."N" to coalesce(NULL, 'a, b')
--> Info users.age: sets the default of users.age to 1
