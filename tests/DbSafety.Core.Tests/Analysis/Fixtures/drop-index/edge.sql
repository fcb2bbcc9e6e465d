DROP INDEX a, b CASCADE;
--> Breaking a: drops index a: queries it served become slow, and if it was unique, nothing is any more
--> Breaking b: drops index b: queries it served become slow, and if it was unique, nothing is any more
