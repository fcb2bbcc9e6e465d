CREATE TABLE users (code text, kind "char", name character varying(30), x varchar(3));
