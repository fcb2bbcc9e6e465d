DO $$
DECLARE
  r record;
  n int := (SELECT count(*) FROM t);
BEGIN
  IF EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 't') THEN
    ALTER TABLE t DROP COLUMN a;
  ELSIF n > 5 THEN
    DELETE FROM t;
  ELSE
    UPDATE t SET a = CASE WHEN b THEN 1 ELSE 2 END WHERE c;
  END IF;
  FOR r IN DELETE FROM u WHERE x RETURNING * LOOP
    INSERT INTO archive VALUES (r.*);
  END LOOP;
  FOR i IN 1..10 LOOP TRUNCATE v; END LOOP;
  BEGIN
    DROP TABLE w;
  EXCEPTION WHEN undefined_table THEN
    NULL;
  END;
  EXECUTE 'DROP TABLE ' || quote_ident('x');
  PERFORM pg_sleep(0);
END
$$;
DO LANGUAGE plpgsql 'BEGIN DELETE FROM t WHERE a = ''x''; END';
CREATE OR REPLACE FUNCTION purge(days int DEFAULT 5) RETURNS SETOF t LANGUAGE plpgsql AS $fn$
<<outer>>
DECLARE
  sql text := $q$DROP TABLE never$q$;
BEGIN
  WHILE true LOOP
    EXIT outer WHEN days < 0;
    days := days - 1;
  END LOOP;
  CASE days WHEN 1 THEN DELETE FROM one; ELSE DELETE FROM other WHERE true; END CASE;
  RETURN QUERY DELETE FROM t RETURNING *;
  RETURN QUERY EXECUTE sql;
END;
$fn$;
CREATE FUNCTION add_one(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + 1';
CREATE FUNCTION wipe() RETURNS void LANGUAGE sql AS $$ DELETE FROM a; TRUNCATE b; SELECT 1 $$;
CREATE FUNCTION wiped() RETURNS int LANGUAGE sql BEGIN ATOMIC
  DELETE FROM a WHERE id = CASE WHEN true THEN 1 END;
  SELECT CASE 1 WHEN 1 THEN 2 END;
END;
CREATE OR REPLACE PROCEDURE tidy() LANGUAGE sql BEGIN ATOMIC INSERT INTO t VALUES (1); UPDATE t SET a = 1; END;
CREATE FUNCTION one() RETURNS int RETURN 1;
CREATE FUNCTION touch() RETURNS trigger AS $$ BEGIN NEW.updated := now(); RETURN NEW; END $$ LANGUAGE plpgsql;
CREATE FUNCTION c_one() RETURNS int AS 'lib', 'c_one' LANGUAGE c STRICT;
SELECT 1;
DO $$ BEGIN DO $inner$ BEGIN DROP TABLE inside; END $inner$; END $$;
DO $$ BEGIN CREATE FUNCTION later() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN DELETE FROM y; END $f$; END $$;
CREATE FUNCTION outermost() RETURNS void LANGUAGE sql AS 'DO $q$ BEGIN TRUNCATE z; END $q$';
DO $$ BEGIN MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT VALUES (s.id); END $$;
CREATE FUNCTION greet(name text DEFAULT 'a default that is longer than the body itself') RETURNS void LANGUAGE sql SET search_path = 'app, extensions, and_others_of_great_length' AS 'DROP TABLE greeted';
CREATE FUNCTION trimmed(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN trim(BOTH '_' FROM regexp_replace($1, '[^a-z\d:]', '_', 'g'));
DO 'BEGIN TRUNCATE quoted; END' LANGUAGE 'plpgsql';
CREATE FUNCTION emptied() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := NULL; RETURN NEW; END $$;
CREATE TRIGGER emptied BEFORE UPDATE ON noted FOR EACH ROW EXECUTE FUNCTION emptied();
CREATE FUNCTION changes() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE noted SET a = 1 WHERE b; END $$;
SELECT changes();
