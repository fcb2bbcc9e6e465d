\set ON_ERROR_STOP on
\restrict aB3'"
\timing \\ DROP TABLE behind_a_command;
SET standard_conforming_strings = off;
SELECT 'it\'s; one'; DELETE FROM t;
SET standard_conforming_strings = on;
SELECT 'back\'; DELETE FROM t WHERE a = 1;
COPY t (a, b) FROM stdin;
1	DROP TABLE x;
'	\N
\.
COPY app.u FROM STDIN WITH (FORMAT csv);
"a;
b",1
\.
\copy t from stdin
1	DELETE FROM never
\.
COPY t FROM STDOUT;
5	TRUNCATE never
\.
SELECT 1 \; DROP TABLE joined \; SELECT 2;
COPY a FROM STDIN \; COPY b FROM STDIN \; DROP TABLE after_rows;
1
\.
2
\.
SELECT 1 AS one \gset
DELETE FROM sent_by_g WHERE id = :one \g
SELECT :'one', :"one", :one, a::text, '{1:2}'::json FROM t \gx
\echo 'DROP TABLE quoted;' :one
DROP TABLE :"name";
\i other.sql
\connect - app
TRUNCATE last;
\unrestrict aB3'"
