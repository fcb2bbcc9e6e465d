CREATE TABLE users (name text, mail varchar, code char(3));
