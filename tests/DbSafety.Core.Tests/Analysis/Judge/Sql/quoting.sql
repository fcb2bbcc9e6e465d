SELECT 'a;b''c;', E'it\'s;\\', e'\'', 'back\', U&'\0061;', U&"d\0061t;", B'01', X'1F', N'n;' FROM t;
SELECT $$a;b$$, $x$ $$ ; $y$ $x$, $Ünï$ ; $Ünï$, a$b$ FROM t;
/* a; /* b; */ c; */ SELECT 1; -- it's; "odd
SELECT 2 -- end;
;;
SELECT 1 AS "a;""b", 2 AS "DROP TABLE x";
SELECT E'a'
  'b\';c', 'd'   -- no comment goes on
  ;
SELECT 'x'
'y;' ;
SELECT 1*-/* ; */2, 3 --;
+ 4, a->>'x', @ -5, 1e5, .5e-3, 5.e+2, ~1, 1::int, $1, 0x1F FROM t;
SELECT 1 AS e, 2 AS u, 3 AS b, 4 AS x, 5 AS n FROM t WHERE U & 1 = 1 AND e<>'x';
CREATE TABLE "Ünï;" (ß int, 名 text DEFAULT ';', "😀" int DEFAULT 1); DROP TABLE "😀"; SELECT '😀;'; DROP TABLE größe;
DROP TABLE U&"\0061bc", U&"d!0061ta" UESCAPE '!', "has""quote", "dot.ted", "public"."x", PUBLIC.y, "Public".z;
DROP TABLE a_name_that_is_longer_than_the_sixty_three_bytes_postgresql_keeps_of_it;
DELETE/* */FROM/* ; */t; DELETE--
FROM--;
u;TRUNCATE"v";DROP TABLE"w"
,x	,
y;SELECT(1);SELECT"a"FROM z;
SELECT (ARRAY[1,2])[1], ARRAY[[1],[2]], (ROW(1,2)).f1, t.* FROM t;
DROP TABLE last_without_a_semicolon
