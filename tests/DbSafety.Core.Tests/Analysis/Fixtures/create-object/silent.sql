CREATE TABLE t (a int);
DROP TYPE mood;
