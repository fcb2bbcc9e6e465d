DROP INDEX a, b CASCADE;
--> Breaking a: drops index a: queries that use it become slow, and a unique index no longer rejects duplicates
--> Breaking b: drops index b: queries that use it become slow, and a unique index no longer rejects duplicates
