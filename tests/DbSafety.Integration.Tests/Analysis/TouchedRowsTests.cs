using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>The rows that UPDATE, DELETE and MERGE would touch in a real database.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class TouchedRowsTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TABLE t (id int PRIMARY KEY, v text, w text, grp int);
        INSERT INTO t SELECT i, 'v' || i, NULL, i % 2 FROM generate_series(1, 10) i;
        CREATE TABLE other (id int);
        INSERT INTO other VALUES (1), (2), (3);
        CREATE TABLE empty (id int, v text);
        CREATE TABLE guarded (id int, v text); INSERT INTO guarded VALUES (1, 'a'), (2, 'b');
        CREATE FUNCTION forgets() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := NULL; RETURN NEW; END';
        CREATE TRIGGER forgets BEFORE UPDATE ON guarded FOR EACH ROW EXECUTE FUNCTION forgets();
        CREATE TABLE asleep (id int, v text); INSERT INTO asleep VALUES (1, 'a'), (2, 'b');
        CREATE TRIGGER forgets BEFORE UPDATE ON asleep FOR EACH ROW EXECUTE FUNCTION forgets(); ALTER TABLE asleep DISABLE TRIGGER forgets;
        CREATE TABLE parted (k text, v text) PARTITION BY LIST (k); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN ('A'); CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN ('a');
        INSERT INTO parted VALUES ('A', 'x'); CREATE TRIGGER forgets BEFORE INSERT ON parted_2 FOR EACH ROW EXECUTE FUNCTION forgets();
        CREATE TABLE dated (id int, v text, updated_at timestamptz); INSERT INTO dated VALUES (1, 'a'), (2, 'b');
        CREATE FUNCTION dates() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW IS DISTINCT FROM OLD THEN NEW.updated_at := now(); END IF; RETURN NEW; END';
        CREATE TRIGGER dates BEFORE UPDATE ON dated FOR EACH ROW EXECUTE FUNCTION dates();
        CREATE TABLE docs (id int PRIMARY KEY, d jsonb); INSERT INTO docs VALUES (1, '{"k": 1, "a": {"b": 1}}'), (2, '{"k": 1, "l": [1, 2], "a": {"b": 2}}');
        CREATE SEQUENCE numbers; CREATE DOMAIN short AS varchar(1);
        CREATE VIEW seen AS SELECT id, v FROM guarded;
        CREATE TABLE plain (id int, v text, updated_at timestamptz); INSERT INTO plain VALUES (1, 'a');
        CREATE TABLE hasura (id int, v text, updated_at timestamptz); INSERT INTO hasura VALUES (1, 'a');
        CREATE FUNCTION hasura() RETURNS trigger LANGUAGE plpgsql AS 'DECLARE _new record; BEGIN _new := NEW; _new."updated_at" = timezone(''utc''::text, NOW()); RETURN _new; END';
        CREATE TRIGGER r BEFORE UPDATE ON hasura FOR EACH ROW EXECUTE FUNCTION hasura();
        CREATE TABLE sly (id int, v text); INSERT INTO sly VALUES (1, 'a'), (2, 'b');
        CREATE FUNCTION sly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN "new".v := NULL; RETURN NEW; END';
        CREATE TRIGGER r BEFORE UPDATE ON sly FOR EACH ROW EXECUTE FUNCTION sly();
        CREATE VIEW all_of_t AS SELECT id, v, w FROM t;
        CREATE VIEW odd AS SELECT id, v FROM t WHERE grp = 1;
        CREATE VIEW nowhere AS SELECT id, v FROM empty;
        CREATE VIEW own AS SELECT id, v FROM t;
        CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER own INSTEAD OF UPDATE OR DELETE ON own FOR EACH ROW EXECUTE FUNCTION nothing();
        CREATE FUNCTION shouts(text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$called$$; END';
        CREATE VIEW calls AS SELECT id, v FROM t WHERE shouts(v);
        """;

    [Theory]
    [InlineData("UPDATE t SET v = NULL")]
    [InlineData("UPDATE t SET v = NULL WHERE true")]
    [InlineData("UPDATE t SET v = NULL WHERE 1=1")]
    [InlineData("UPDATE ONLY t SET v = NULL WHERE (true)")]
    [InlineData("UPDATE t SET v = 'x' WHERE v IS NULL OR v IS NOT NULL")]
    [InlineData("UPDATE t SET v = 'x' FROM (SELECT 1) one")]
    [InlineData("UPDATE t AS x SET v = 'x' FROM other o WHERE o.id = 1 AND x.id > 0")]
    [InlineData("UPDATE t SET v = 'x' WHERE id IN (SELECT id FROM t)")]
    [InlineData("WITH few AS (SELECT id FROM t) UPDATE t SET v = 'x' FROM few WHERE few.id = t.id")]
    [InlineData("WITH few AS (SELECT id FROM t) UPDATE t SET v = 'x' WHERE id IN (SELECT id FROM few)")]
    [InlineData("UPDATE all_of_t SET v = NULL")]
    [InlineData("UPDATE all_of_t SET v = 'x' WHERE id > 0")]
    [InlineData("UPDATE t SET v = 'x' WHERE shouts(v)")]
    [InlineData("UPDATE own SET v = NULL WHERE id > 0")]
    [InlineData("UPDATE calls SET v = NULL WHERE id > 0")]
    [InlineData("MERGE INTO t USING (SELECT 1) one ON true WHEN MATCHED THEN UPDATE SET v = NULL")]
    [InlineData("MERGE INTO t USING other o ON o.id = 1 WHEN MATCHED AND t.id > 0 THEN UPDATE SET v = 'x'")]
    [InlineData("MERGE INTO t USING (SELECT 1) one ON true WHEN MATCHED THEN DELETE")]
    [InlineData("DELETE FROM t USING (SELECT 1) one")]
    [InlineData("DELETE FROM all_of_t WHERE id > 0")]
    [InlineData("INSERT INTO t (id, v) SELECT id, '' FROM t ON CONFLICT (id) DO UPDATE SET v = NULL")]
    [InlineData("UPDATE t SET v = NULL WHERE id = 3")]
    [InlineData("UPDATE t SET (v, w) = ROW(NULL, NULL) WHERE id = 3")]
    [InlineData("UPDATE t SET (w, v) = ('x', (NULL)) WHERE id = 3")]
    [InlineData("UPDATE t SET (v, w) = (SELECT NULL::text, 'x') WHERE id = 3")]
    [InlineData("UPDATE t SET (v, w) = (DEFAULT, 'x') WHERE id = 3")]
    [InlineData("UPDATE t SET v = DEFAULT WHERE id = 3")]
    [InlineData("UPDATE t SET v = (SELECT NULL FROM other o WHERE o.id = t.id) WHERE id = 3")]
    [InlineData("UPDATE t SET v = NULLIF(v, v), w = 'x' WHERE id = 3")]
    [InlineData("UPDATE t SET v = CASE WHEN id > 5 THEN NULL WHEN id > 1 THEN CAST(NULL AS text) END WHERE id = 3")]
    [InlineData("UPDATE t SET v = coalesce(NULL, nullif(NULL, 'x')) WHERE id = 3")]
    [InlineData("MERGE INTO t USING other o ON o.id = t.id AND t.id = 3 WHEN MATCHED THEN UPDATE SET (v, w) = (NULL, 'x')")]
    [InlineData("UPDATE t SET grp = 3 WHERE id < 3; UPDATE t SET v = NULL WHERE grp = 3")]
    [InlineData("CREATE TEMP TABLE t (id int, v text) ON COMMIT DROP; UPDATE public.t SET v = NULL")]
    [InlineData("SELECT id, v INTO TEMPORARY TABLE t FROM public.t; UPDATE public.t p SET v = NULL FROM t WHERE t.id = p.id")]
    [InlineData("CREATE VIEW made AS SELECT id, v FROM t; UPDATE made SET v = NULL FROM t u WHERE u.id = made.id AND u.v IS NOT NULL")]
    [InlineData("CREATE VIEW a AS SELECT id, v FROM t; CREATE VIEW b AS SELECT id AS i, v AS x FROM a WHERE id > 0; UPDATE b SET x = 'x' WHERE i > 0")]
    [InlineData("CREATE VIEW made AS SELECT id, v FROM t; DELETE FROM made WHERE id > 3")]
    [InlineData("CREATE TEMP VIEW empty AS SELECT id, v FROM t; UPDATE empty SET v = 'x' WHERE id > 0")]
    [InlineData("DO $$ BEGIN CREATE TEMP VIEW empty AS SELECT id, v FROM t; END $$; UPDATE empty SET v = 'x' WHERE id > 0")]
    [InlineData("CREATE OR REPLACE VIEW nowhere AS SELECT id, v FROM t; UPDATE nowhere SET v = 'x' WHERE id > 0")]
    [InlineData("CREATE RULE r AS ON UPDATE TO empty DO INSTEAD UPDATE t SET v = 'x'; UPDATE empty SET v = 'y' WHERE id > 0")]
    [InlineData("CREATE RULE r AS ON INSERT TO empty DO ALSO (UPDATE t SET v = 'x' WHERE id = NEW.id; INSERT INTO other VALUES (NEW.id)); INSERT INTO empty SELECT id FROM t")]
    [InlineData("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE t SET v = 'x' WHERE id = NEW.id; RETURN NULL; END $$; CREATE TRIGGER r AFTER INSERT ON empty FOR EACH ROW EXECUTE FUNCTION f(); INSERT INTO empty SELECT id FROM t")]
    [InlineData("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v := 'x'; RETURN NEW; END $$; CREATE TRIGGER r BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(); UPDATE t SET w = 'x' WHERE id > 0")]
    [InlineData("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v := 'x'; RETURN NEW; END $$; CREATE TRIGGER r BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(); UPDATE t SET v = trim(v) WHERE id > 0")]
    public async Task A_statement_that_overwrites_all_values_is_refused_in_every_notation(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        var finding = Assert.Single(await FindAsync(shop), f => f.Severity == FindingSeverity.Destructive);
        Assert.True(finding.Refuses);
        await shop.FailsAsync(shop.Quick(), "DBS403");
        Assert.Equal(10, await shop.CountAsync("t WHERE v = 'v' || id"));
    }

    [Fact]
    public async Task A_temporary_table_of_an_earlier_script_hides_no_table_and_a_migration_can_change_its_own_temporary_table()
    {
        using var hidden = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "CREATE TEMP TABLE t (id int, v text); INSERT INTO t VALUES (1, 'x')").With("2.sql", "UPDATE t SET v = NULL");
        await hidden.FailsAsync(hidden.Quick(), "DBS403");
        Assert.Equal(10, await hidden.CountAsync("t WHERE v = 'v' || id"));

        using var behind = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "CREATE TEMP TABLE t (id int, v text); UPDATE t SET v = 'x'");
        await PgServer.ExecuteAsync(behind.Target, $"ALTER DATABASE {SqlName.Quote(behind.Target.Database)} SET search_path = public, pg_temp");
        await behind.FailsAsync(behind.Quick(), "DBS403");
        Assert.Equal(10, await behind.CountAsync("t WHERE v = 'v' || id"));

        using var own = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "CREATE TEMP TABLE todo AS SELECT id FROM t; DELETE FROM todo WHERE id > 5; UPDATE todo SET id = NULL; DROP TABLE todo;");
        Assert.Equal(SafeMigrationOutcome.Applied, (await own.RunAsync(own.Quick())).Outcome);
    }

    [Theory]
    [InlineData("UPDATE t SET v = 'x' WHERE id < 4", FindingSeverity.Breaking, "updates 3 of 10 rows; 3 values of v would be overwritten")]
    [InlineData("UPDATE t SET v = 'x' FROM other o WHERE o.id = t.id", FindingSeverity.Breaking, "updates 3 of 10 rows; 3 values of v would be overwritten")]
    [InlineData("UPDATE odd SET v = 'x' WHERE id = 1", FindingSeverity.Breaking, "updates 1 of 5 rows in table t; 1 value of v would be overwritten")]
    [InlineData("UPDATE t SET v = NULL, w = 'x'", FindingSeverity.Destructive, "updates 10 of 10 rows; 10 values of v would be overwritten with NULL")]
    [InlineData("UPDATE t SET v = CASE WHEN id > 1 THEN 'x' END WHERE id < 4", FindingSeverity.Breaking, "updates 3 of 10 rows; 3 values of v would be overwritten")]
    [InlineData("UPDATE t SET v = DEFAULT, w = coalesce(w, 'x') WHERE id < 4", FindingSeverity.Destructive, "updates 3 of 10 rows; 3 values of v would be overwritten with NULL")]
    [InlineData("ALTER TABLE t RENAME v TO value; UPDATE t SET value = NULL", FindingSeverity.Destructive, "10 values of value would be overwritten with NULL")]
    [InlineData("UPDATE t SET v = coalesce(v, 'x')", FindingSeverity.Info, "only NULL is replaced")]
    [InlineData("UPDATE t AS a SET grp = coalesce(a.grp, -1), w = coalesce(w, lower('X')) WHERE id > 0", FindingSeverity.Info, "only NULL is replaced")]
    [InlineData("INSERT INTO t (id, v) SELECT 1, 'x' ON CONFLICT (id) DO UPDATE SET v = coalesce(t.v, excluded.v)", FindingSeverity.Info, "only NULL is replaced")]
    [InlineData("UPDATE t SET v = coalesce(v, w, id::text)", FindingSeverity.Info, "only NULL is replaced")]
    [InlineData("ALTER TABLE t ADD COLUMN extra int; UPDATE t AS a SET grp = coalesce(a.grp, (SELECT max(o.id) FROM other o)) WHERE id > 0", FindingSeverity.Info, "only NULL is replaced")]
    [InlineData("UPDATE t SET grp = coalesce(grp, id * 1.5::float8)", FindingSeverity.Destructive, "10 values of grp would be overwritten")]
    [InlineData("UPDATE t SET v = 'x', grp = coalesce(grp, id)", FindingSeverity.Destructive, "updates 10 of 10 rows; 10 values of v would be overwritten")]
    [InlineData("UPDATE t SET v = coalesce(o.id::text, 'x') FROM other o", FindingSeverity.Destructive, "values of v would be overwritten")]
    [InlineData("UPDATE t SET v = coalesce(w, 'x')", FindingSeverity.Destructive, "updates 10 of 10 rows; 10 values of v would be overwritten")]
    [InlineData("UPDATE t SET grp = coalesce(grp, 0.5::float8)", FindingSeverity.Destructive, "10 values of grp would be overwritten")]
    [InlineData("UPDATE t SET v = 'x', w = coalesce(w, 'y')", FindingSeverity.Destructive, "updates 10 of 10 rows; 10 values of v would be overwritten")]
    [InlineData("UPDATE t SET w = 'x'", FindingSeverity.Info, "the columns that it overwrites contain no values")]
    [InlineData("UPDATE t SET w = 'x' WHERE shouts(v)", FindingSeverity.Info, "the columns that it overwrites contain no values")]
    [InlineData("UPDATE t SET v = 'x' WHERE id > 100", FindingSeverity.Info, "no row matches the condition now")]
    [InlineData("UPDATE empty SET v = 'x' WHERE shouts(v)", FindingSeverity.Info, "the table is empty")]
    [InlineData("SET DateStyle = 'ISO, DMY'; DELETE FROM dated WHERE coalesce(updated_at, '2024-02-01') < '02/03/2024'", FindingSeverity.Destructive, "2 rows would be lost")]
    [InlineData("SET DateStyle = 'ISO, DMY'; DELETE FROM dated WHERE coalesce(updated_at, '2024-02-20') < '03/02/2024'", FindingSeverity.Info, "no row matches the condition now")]
    [InlineData("DELETE FROM t WHERE id > (SELECT 100 + last_value FROM numbers)", FindingSeverity.Destructive, "no row matches the condition now (an estimate: statements that run before it can change these rows)")]
    [InlineData("SET TIME ZONE 'UTC'; DELETE FROM t WHERE v = 'v77'", FindingSeverity.Info, "no row matches the condition now")]
    [InlineData("UPDATE t SET v = 'x' WHERE shouts(v)", FindingSeverity.Destructive, "updates up to 10 rows (how many could not be counted); 10 values of v would be overwritten")]
    [InlineData("DELETE FROM t USING other o WHERE o.id = t.id", FindingSeverity.Destructive, "3 rows would be lost")]
    [InlineData("DELETE FROM odd WHERE id > 0", FindingSeverity.Destructive, "5 rows would be lost in table t")]
    [InlineData("MERGE INTO t USING other o ON o.id = t.id WHEN MATCHED AND t.id = 1 THEN UPDATE SET v = 'x' WHEN MATCHED THEN DELETE", FindingSeverity.Destructive, "2 rows would be lost")]
    [InlineData("INSERT INTO t (id, v) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET v = excluded.v", FindingSeverity.Breaking, "changes values in 1 of 10 rows; 1 value of v would be overwritten")]
    [InlineData("INSERT INTO t VALUES (1, 'x', NULL, 1), (77, 'x', NULL, 1) ON CONFLICT (id) DO UPDATE SET v = excluded.v, grp = excluded.grp", FindingSeverity.Breaking, "changes values in 1 of 10 rows; 1 value of v would be overwritten")]
    [InlineData("INSERT INTO t VALUES (1, NULL, NULL, 1), (2, 'v2', NULL, 0) ON CONFLICT (id) DO UPDATE SET v = excluded.v", FindingSeverity.Destructive, "changes values in 1 of 10 rows; 1 value of v would be overwritten with NULL")]
    [InlineData("INSERT INTO t VALUES (1, 'v1', NULL, 1), (2, 'v2', NULL, 0) ON CONFLICT (id) DO UPDATE SET v = excluded.v, grp = excluded.grp", FindingSeverity.Info, "it overwrites no value now")]
    [InlineData("INSERT INTO t (id, v) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET v = 'n' || excluded.v || t.v WHERE t.grp = 1", FindingSeverity.Breaking, "changes values in 1 of 10 rows; 1 value of v would be overwritten")]
    [InlineData("INSERT INTO t (id, v) SELECT id, upper(v) FROM t WHERE id < 3 ON CONFLICT (id) DO UPDATE SET v = excluded.v", FindingSeverity.Breaking, "changes values in 2 of 10 rows; 2 values of v would be overwritten")]
    [InlineData("INSERT INTO t (id, v) SELECT id, v FROM t ON CONFLICT (id) DO UPDATE SET v = excluded.v", FindingSeverity.Info, "it overwrites no value now")]
    [InlineData("INSERT INTO t (id, v) VALUES (1, random()::text) ON CONFLICT ON CONSTRAINT t_pkey DO UPDATE SET v = excluded.v", FindingSeverity.Breaking, "overwrites v in some rows of t")]
    [InlineData("INSERT INTO t VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET v = excluded.v", FindingSeverity.Breaking, "values of existing rows may be overwritten (how many could not be counted)")]
    [InlineData("ALTER TABLE t ADD COLUMN tier text; INSERT INTO t (id, v, tier) VALUES (1, 'v1', 'a') ON CONFLICT (id) DO UPDATE SET v = excluded.v, tier = excluded.tier", FindingSeverity.Info, "it overwrites no value now")]
    [InlineData("INSERT INTO plain VALUES (1, 'a', now()); ALTER TABLE plain ADD UNIQUE (id); INSERT INTO plain (id, v) VALUES (1, 'b') ON CONFLICT (id) DO UPDATE SET v = excluded.v, updated_at = now()", FindingSeverity.Breaking, "updates 1 of 1 row; 1 value of v would be overwritten")]
    [InlineData("UPDATE t SET v = coalesce(t.v, o.id::text) FROM other o WHERE o.id = t.id", FindingSeverity.Info, "only NULL is replaced")]
    [InlineData("WITH o AS (SELECT id, 'x' AS x FROM other) UPDATE t AS a SET v = CASE WHEN a.v IS NULL THEN o.x ELSE a.v END FROM o", FindingSeverity.Info, "only NULL is replaced")]
    [InlineData("ALTER TABLE other RENAME TO o2; CREATE TABLE other (id numeric); UPDATE t SET grp = coalesce(t.grp, other.id) FROM other WHERE other.id <> 0.5 * t.id", FindingSeverity.Destructive, "values of grp would be overwritten")]
    [InlineData("UPDATE t SET v = CASE WHEN v IS NULL THEN '' ELSE v END, grp = CASE WHEN (t.grp IS NOT NULL) THEN t.grp ELSE 0 END", FindingSeverity.Info, "only NULL is replaced")]
    [InlineData("UPDATE t SET v = (CASE WHEN v IS NULL THEN w ELSE v END)", FindingSeverity.Info, "only NULL is replaced")]
    [InlineData("UPDATE t SET v = CASE WHEN v IS NOT NULL THEN w ELSE v END", FindingSeverity.Destructive, "10 values of v would be overwritten with NULL")]
    [InlineData("UPDATE t SET v = CASE WHEN w IS NULL THEN 'x' ELSE v END", FindingSeverity.Destructive, "10 values of v would be overwritten")]
    [InlineData("UPDATE t SET v = CASE WHEN v IS NULL THEN 'x' WHEN id > 5 THEN 'y' ELSE v END", FindingSeverity.Destructive, "10 values of v would be overwritten")]
    [InlineData("UPDATE docs SET d = d || '{\"new\": 1}'::jsonb", FindingSeverity.Info, "it overwrites no value now")]
    [InlineData("UPDATE docs SET d = jsonb_set(d, '{a,c}', 'true')", FindingSeverity.Info, "it overwrites no value now")]
    [InlineData("UPDATE docs SET d = coalesce(d, '{}') || jsonb_build_object('new', id)", FindingSeverity.Info, "it overwrites no value now")]
    [InlineData("UPDATE docs SET d = jsonb_set(d, '{k}', '2')", FindingSeverity.Destructive, "changes values in 2 of 2 rows; 2 values of d would be overwritten")]
    [InlineData("UPDATE docs SET d = jsonb_set(d, '{l}', '[2, 1]')", FindingSeverity.Breaking, "changes values in 1 of 2 rows; 1 value of d would be overwritten")]
    [InlineData("UPDATE docs SET d = d - 'k' WHERE id > 0", FindingSeverity.Destructive, "changes values in 2 of 2 rows; 2 values of d would be overwritten")]
    [InlineData("UPDATE docs SET d = d || NULL::jsonb", FindingSeverity.Destructive, "2 values of d would be overwritten with NULL")]
    [InlineData("INSERT INTO t (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET v = excluded.v", FindingSeverity.Destructive, "updates 1 of 10 rows; 1 value of v would be overwritten with NULL")]
    [InlineData("INSERT INTO t (id, v, w) VALUES (1, NULL, 'x'), (2, NULL, 'y') ON CONFLICT (id) DO UPDATE SET v = excluded.v, w = excluded.w", FindingSeverity.Destructive, "changes values in 2 of 10 rows; 2 values of v would be overwritten with NULL")]
    [InlineData("INSERT INTO t (id, v) VALUES (1, DEFAULT) ON CONFLICT (id) DO UPDATE SET v = excluded.v", FindingSeverity.Destructive, "updates 1 of 10 rows; 1 value of v would be overwritten with NULL")]
    [InlineData("INSERT INTO t (id, v, w) VALUES (1, 'a', NULL) ON CONFLICT (id) DO UPDATE SET v = excluded.v, w = excluded.w", FindingSeverity.Breaking, "changes values in 1 of 10 rows; 1 value of v would be overwritten")]
    [InlineData("INSERT INTO t (id, w) VALUES (50, 'a') ON CONFLICT (id) DO UPDATE SET v = excluded.v", FindingSeverity.Info, "no row matches the condition now")]
    [InlineData("INSERT INTO t (id, v, w) VALUES (1, NULL, 'x'), (2, 'y', NULL) ON CONFLICT (id) DO UPDATE SET v = excluded.v, w = excluded.w", FindingSeverity.Destructive, "changes values in 2 of 10 rows; 2 values of v would be overwritten with NULL")]
    [InlineData("CREATE TABLE made (id int, v text); INSERT INTO made SELECT id, v FROM t; UPDATE made SET v = NULL", FindingSeverity.Info, "it fills columns that the same pending migrations created")]
    [InlineData("UPDATE t SET v = trim(both ' ' from v)", FindingSeverity.Info, "overwrites v in every row of t: it overwrites no value now")]
    [InlineData("UPDATE t SET v = lower(replace(v, '@old', '@new')), id = id WHERE v <> ''", FindingSeverity.Info, "it overwrites no value now")]
    [InlineData("UPDATE t AS a SET v = nullif(a.v, '')", FindingSeverity.Info, "it overwrites no value now")]
    [InlineData("UPDATE t SET v = nullif(v, 'v1')", FindingSeverity.Destructive, "changes values in 1 of 10 rows; 1 value of v would be overwritten with NULL")]
    [InlineData("UPDATE t AS a SET v = nullif(a.v, 'v1') WHERE a.id < 100", FindingSeverity.Destructive, "changes values in 1 of 10 rows; 1 value of v would be overwritten with NULL")]
    [InlineData("UPDATE t SET v = replace(v, 'v9', 'x'), w = nullif(w, 'none')", FindingSeverity.Breaking, "changes values in 1 of 10 rows; 1 value of v would be overwritten")]
    [InlineData("UPDATE t SET v = replace(v, 'v1', 'x')", FindingSeverity.Breaking, "changes values in 2 of 10 rows; 2 values of v would be overwritten")]
    [InlineData("UPDATE t SET v = 'v1'", FindingSeverity.Destructive, "updates 10 of 10 rows; 10 values of v would be overwritten")]
    [InlineData("UPDATE t SET v = upper(v)", FindingSeverity.Destructive, "changes values in 10 of 10 rows; 10 values of v would be overwritten")]
    [InlineData("ALTER TABLE t DROP w; ALTER TABLE t ADD w text DEFAULT 'x'; UPDATE t SET v = coalesce(w, v)", FindingSeverity.Destructive, "10 values of v would be overwritten")]
    [InlineData("ALTER TABLE t DROP IF EXISTS w, ADD COLUMN IF NOT EXISTS w text DEFAULT 'x'; UPDATE t SET v = coalesce(w, v)", FindingSeverity.Destructive, "10 values of v would be overwritten")]
    [InlineData("UPDATE guarded SET v = trim(v)", FindingSeverity.Destructive, "it changes no value itself, but a BEFORE trigger can store other values in these rows")]
    [InlineData("ALTER TABLE asleep ENABLE TRIGGER forgets; UPDATE asleep SET v = trim(v)", FindingSeverity.Destructive, "it changes no value itself, but a BEFORE trigger can store other values in these rows")]
    [InlineData("UPDATE parted SET k = lower(k)", FindingSeverity.Destructive, "updates 1 of 1 row; 1 value of k would be overwritten")]
    [InlineData("UPDATE dated SET v = lower(v)", FindingSeverity.Info, "it overwrites no value now")]
    [InlineData("CREATE OR REPLACE FUNCTION dates() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := NULL; RETURN NEW; END'; UPDATE dated SET v = lower(v)", FindingSeverity.Destructive, "it changes no value itself, but a BEFORE trigger can store other values in these rows")]
    [InlineData("UPDATE seen SET v = trim(v) WHERE id < 3", FindingSeverity.Destructive, "it changes no value itself, but a BEFORE trigger can store other values in these rows")]
    [InlineData("CREATE TRIGGER r BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION forgets(); UPDATE t SET v = trim(v) WHERE id < 4", FindingSeverity.Breaking, "updates 3 of 10 rows; 3 values of v would be overwritten")]
    [InlineData("CREATE TRIGGER r BEFORE UPDATE ON plain FOR EACH ROW EXECUTE FUNCTION dates(); UPDATE plain SET v = trim(v)", FindingSeverity.Info, "it overwrites no value now")]
    [InlineData("UPDATE hasura SET v = trim(v)", FindingSeverity.Info, "it overwrites no value now")]
    [InlineData("UPDATE sly SET v = trim(v)", FindingSeverity.Destructive, "it changes no value itself, but a BEFORE trigger can store other values in these rows")]
    [InlineData("UPDATE dated SET id = 3 WHERE id = 2; UPDATE plain SET v = trim(v)", FindingSeverity.Info, "it overwrites no value now")]
    [InlineData("ALTER TABLE t ADD COLUMN IF NOT EXISTS slug text; UPDATE t SET slug = lower(v) WHERE slug IS NULL", FindingSeverity.Info, "it fills columns that the same pending migrations create")]
    [InlineData("ALTER TABLE t ADD COLUMN IF NOT EXISTS slug text; UPDATE t SET slug = lower(v)", FindingSeverity.Info, "it fills columns that the same pending migrations create")]
    [InlineData("ALTER TABLE t ADD COLUMN IF NOT EXISTS grp int; UPDATE t SET grp = 5", FindingSeverity.Destructive, "10 values of grp would be overwritten")]
    [InlineData("ALTER TABLE t RENAME v TO slug; ALTER TABLE t ADD COLUMN IF NOT EXISTS slug text; UPDATE t SET slug = 'x'", FindingSeverity.Destructive, "")]
    [InlineData("DO $$ BEGIN ALTER TABLE t RENAME v TO slug; END $$; ALTER TABLE t ADD COLUMN IF NOT EXISTS slug text; UPDATE t SET slug = 'x'", FindingSeverity.Destructive, "")]
    [InlineData("ALTER TABLE t ADD COLUMN IF NOT EXISTS slug text; UPDATE t SET slug = 'x', v = 'y'", FindingSeverity.Destructive, "")]
    [InlineData("UPDATE t SET v = trim(w)", FindingSeverity.Destructive, "updates 10 of 10 rows; 10 values of v would be overwritten")]
    [InlineData("UPDATE t SET v = lower(v), grp = -grp", FindingSeverity.Destructive, "10 values of v would be overwritten, 10 values of grp would be overwritten")]
    [InlineData("UPDATE t SET w = 'v1' WHERE id = 1; UPDATE t SET v = replace(v, w, v)", FindingSeverity.Destructive, "(an estimate: migrations that run before it change the same table)")]
    [InlineData("CREATE FUNCTION lower(int) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$; UPDATE t SET v = lower(id)", FindingSeverity.Destructive, "10 values of v would be overwritten")]
    [InlineData("DELETE FROM t WHERE id = 1; UPDATE t SET v = 'x' WHERE id < 4", FindingSeverity.Breaking, "updates 3 of 10 rows; 3 values of v would be overwritten (an estimate: migrations that run before it change the same table)")]
    public async Task The_finding_contains_the_numbers_of_rows_and_values(string sql, FindingSeverity severity, string reported)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        var finding = (await FindAsync(shop)).Last(f => f.Rule is "update-rows" or "update-without-where" or "delete-rows" or "delete-without-where");
        Assert.EndsWith(reported, finding.Message, StringComparison.Ordinal);
        Assert.Equal(severity, finding.Severity);
    }

    /// <summary>No row that is there now fits the last condition. True: it can be another one by the time it is read.</summary>
    [Fact]
    public async Task A_condition_that_matches_no_row_now_is_not_harmless_if_earlier_statements_can_change_the_match()
    {
        (string Sql, bool CanFit)[] scripts =
        [
            ("UPDATE t SET w = 'dead' WHERE id < 3; DELETE FROM t WHERE w = 'dead';", true),
            ("INSERT INTO empty VALUES (1, 'x'); DELETE FROM t WHERE id IN (SELECT id FROM empty);", true),
            ("INSERT INTO empty VALUES (1, 'x'); MERGE INTO t USING empty e ON e.id = t.id WHEN MATCHED THEN DELETE;", true),
            ("INSERT INTO empty SELECT id FROM t; UPDATE t SET v = NULL FROM empty e WHERE e.id = t.id;", true),
            ("DELETE FROM other; DELETE FROM t WHERE id < 4 AND NOT EXISTS (SELECT FROM other o WHERE o.id = t.id);", true),
            ("DO $$ BEGIN UPDATE t SET w = 'dead'; END $$; DELETE FROM t WHERE w = 'dead';", true),
            ("DO $$ BEGIN EXECUTE 'UPDATE t SET w = 1'; END $$; DELETE FROM t WHERE w = '1';", true),
            ("SELECT marks(); DELETE FROM t WHERE w = 'dead';", true),
            ("INSERT INTO noted VALUES (1); DELETE FROM t WHERE id IN (SELECT id FROM empty);", true),
            ("INSERT INTO empty VALUES (1, 'x'); DELETE FROM t WHERE id IN (SELECT id FROM nowhere);", true),
            ("INSERT INTO nowhere VALUES (1, 'x'); DELETE FROM t WHERE id IN (SELECT id FROM empty);", true),
            ("DELETE FROM owners WHERE id = 1; DELETE FROM pets WHERE owner IS NULL;", true),
            ("ALTER TABLE parts ATTACH PARTITION part FOR VALUES IN (1); DELETE FROM parts WHERE id = 1;", true),
            ("ALTER TABLE parts ATTACH PARTITION part FOR VALUES IN (1); DELETE FROM parts;", true),
            ("UPDATE t SET w = 'dead' WHERE id < 3; ALTER TABLE t RENAME w TO mark; DELETE FROM t WHERE mark = 'dead';", true),
            ("ALTER TABLE t RENAME w TO mark; UPDATE t SET mark = 'dead' WHERE id < 3; ALTER TABLE t RENAME mark TO state; DELETE FROM t WHERE state = 'dead';", true),
            ("CREATE OR REPLACE VIEW none AS SELECT id FROM t; DELETE FROM t WHERE id IN (SELECT id FROM none);", true),
            ("CREATE OR REPLACE VIEW none AS SELECT id FROM t; DELETE FROM t WHERE id IN (SELECT id FROM of_none);", true),
            ("CREATE OR REPLACE VIEW none AS SELECT id FROM t; UPDATE t SET v = NULL WHERE id IN (SELECT n.id FROM public.none n);", true),
            ("DROP VIEW none CASCADE; CREATE VIEW none AS SELECT id FROM t; DELETE FROM t USING none n WHERE n.id = t.id;", true),
            ("ALTER VIEW none RENAME TO old; ALTER VIEW every RENAME TO none; DELETE FROM t WHERE id IN (SELECT id FROM none);", true),
            ("CREATE TEMP TABLE empty (id int); INSERT INTO empty VALUES (1); DELETE FROM t WHERE id IN (SELECT id FROM empty);", true),
            ("CREATE TEMP TABLE empty ON COMMIT DROP AS SELECT id FROM t; DELETE FROM t USING empty e WHERE e.id = t.id;", true),
            ("CREATE TEMP VIEW empty AS SELECT id FROM t; DELETE FROM t WHERE EXISTS (SELECT FROM other o, empty e WHERE e.id = t.id);", true),
            ("ALTER TABLE empty RENAME TO old; CREATE TABLE empty (id int); INSERT INTO empty VALUES (1); DELETE FROM t WHERE id IN (SELECT id FROM empty);", true),
            ("ALTER TABLE swapped RENAME none TO x; ALTER TABLE swapped RENAME id TO none; ALTER TABLE swapped RENAME x TO id; DELETE FROM t WHERE id IN (SELECT id FROM swapped);", true),
            ("CREATE FUNCTION hidden() RETURNS text LANGUAGE sql AS $$ UPDATE t SET w = 'dead' RETURNING 'x' $$; ALTER TABLE empty ALTER v SET DEFAULT hidden(); INSERT INTO empty (id) VALUES (1); DELETE FROM t WHERE w = 'dead';", true),
            ("CREATE TABLE v (id int); CREATE TABLE made (id int); INSERT INTO made VALUES (1); DELETE FROM t WHERE v = 'none';", false),
            ("CREATE OR REPLACE VIEW none AS SELECT id FROM t; DELETE FROM t WHERE id IN (SELECT id FROM empty);", false),
            ("ALTER TABLE t RENAME TO tt; DELETE FROM tt WHERE tt.v = 'none';", false),
            ("CREATE FUNCTION sets() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.seen := lower(NEW.name); RETURN NEW; END'; CREATE TRIGGER r BEFORE UPDATE ON owners FOR EACH ROW EXECUTE FUNCTION sets(); UPDATE owners SET name = 'x'; DELETE FROM t WHERE v = 'none';", false),
            ("CREATE FUNCTION sets() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := ''none''; RETURN NEW; END'; CREATE TRIGGER r BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION sets(); UPDATE t SET w = 'x'; DELETE FROM t WHERE v = 'none';", true),
            ("CREATE FUNCTION sets() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE t SET w = 1; RETURN NEW; END'; CREATE TRIGGER r BEFORE UPDATE ON owners FOR EACH ROW EXECUTE FUNCTION sets(); UPDATE owners SET name = 'x'; DELETE FROM t WHERE w = '1';", true),
            (Sets("NEW.seen := coalesce(NEW.name, '') || gen_random_uuid() || clock_timestamp() || setweight(to_tsvector('simple', NEW.name), 'A') || regexp_replace(NEW.name, 'a', 'b'); PERFORM pg_notify('c', NEW.name);"), false),
            ("ALTER TABLE owners ADD COLUMN slug text; " + Sets("NEW.slug := lower(NEW.name);"), false),
            ("ALTER TABLE owners ADD COLUMN slug text; " + Sets("NEW.slug := lower(NEW.name); UPDATE t SET v = 'none' WHERE id = 1;"), true),
            ("CREATE FUNCTION slug(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower($1) $$; " + Sets("NEW.seen := slug(NEW.name);"), false),
            ("CREATE TABLE audit (id int, name text); " + Sets("INSERT INTO audit (id, name) VALUES (NEW.id, NEW.name);"), false),
            (Sets("INSERT INTO stamped (id) VALUES (NEW.id); UPDATE stamped SET id = 1;"), false),
            ("CREATE FUNCTION slug(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN UPDATE t SET v = 'none'; RETURN 'x'; END $$; " + Sets("NEW.seen := slug(NEW.name);"), true),
            (Sets("EXECUTE 'UPDATE t SET v = ''none'''; "), true),
            (Sets("UPDATE t SET v = 'none' WHERE id = 1;"), true),
            (Sets("INSERT INTO noted (id) VALUES (1);").Replace("v = 'none'", "id IN (SELECT id FROM empty)", StringComparison.Ordinal), true),
            (Sets("INSERT INTO empty (id) VALUES (1);").Replace("v = 'none'", "id IN (SELECT id FROM empty)", StringComparison.Ordinal), true),
            (Sets("DELETE FROM other;").Replace("v = 'none'", "id < 4 AND NOT EXISTS (SELECT FROM other o WHERE o.id = t.id)", StringComparison.Ordinal), true),
            ("UPDATE t SET w = 'x' WHERE id = 1; DELETE FROM t WHERE v = 'none';", false),
            ("UPDATE t SET w = 'x' WHERE id = 1; DELETE FROM other WHERE id > 5;", false),
            ("INSERT INTO t (id) VALUES (20); DELETE FROM t WHERE v = 'none';", false),
            ("INSERT INTO empty VALUES (1, 'x'); DELETE FROM empty WHERE id = 1;", false),
            ("INSERT INTO stamped VALUES (1); UPDATE stamped SET id = 2; DELETE FROM t WHERE v = 'none';", false),
            ("INSERT INTO owners VALUES (9); UPDATE pets SET owner = 9 WHERE owner = 1; DELETE FROM owners WHERE id = 9;", true),
            ("INSERT INTO owners VALUES (9); UPDATE pets SET name = 'x'; DELETE FROM owners WHERE id = 9;", false),
            ("UPDATE owners SET name = 'x' WHERE id = 1; DELETE FROM pets WHERE owner IS NULL;", false),
            ("DROP TABLE noted CASCADE; DELETE FROM t WHERE v = 'none';", false),
            ("UPDATE t SET grp = 7 WHERE id < 3; UPDATE t SET v = 'x' WHERE grp = 7;", true),
            ("INSERT INTO empty SELECT id, 'z' FROM t; UPDATE t SET v = e.v FROM empty e WHERE e.id = t.id;", true),
            ("CREATE TEMP TABLE empty AS SELECT id FROM t; UPDATE t SET v = 'x' FROM empty e WHERE e.id = t.id;", true),
            ("ALTER TABLE empty RENAME TO old; ALTER TABLE other RENAME TO empty; UPDATE t SET v = 'x' WHERE id IN (SELECT id FROM empty);", true),
            ("PREPARE p AS UPDATE t SET v = 'x' WHERE id IN (SELECT id FROM empty); INSERT INTO empty SELECT id FROM t; EXECUTE p;", true),
            ("PREPARE p AS DELETE FROM t WHERE id IN (SELECT id FROM empty); INSERT INTO empty SELECT id FROM t; EXECUTE p;", true),
            ("CREATE FUNCTION later() RETURNS void LANGUAGE sql AS $$ UPDATE t SET v = 'x' WHERE id IN (SELECT id FROM empty) $$; INSERT INTO empty SELECT id FROM t; SELECT later();", true),
            ("UPDATE t SET v = 'b' WHERE v = 'v1'; UPDATE t SET v = NULL WHERE v = 'b';", true),
            ("ALTER TABLE t ALTER v TYPE text USING upper(v); UPDATE t SET v = 'x' WHERE v = 'V1';", true),
            ("UPDATE t SET v = 'b' WHERE v = 'none'; UPDATE t SET v = 'd' WHERE v = 'c';", false),
            ("INSERT INTO empty SELECT id FROM t; UPDATE t SET w = 'x' WHERE id IN (SELECT id FROM empty);", false),
            ("INSERT INTO empty SELECT id FROM t; UPDATE t SET v = coalesce(v, 'x') WHERE id IN (SELECT id FROM empty);", false),
            ("ALTER TABLE t ADD n text; INSERT INTO empty SELECT id FROM t; UPDATE t SET n = 'x' WHERE id IN (SELECT id FROM empty);", false),
        ];
        using var shop = await Shop.OpenAsync(pg, Schema +
            """
            CREATE FUNCTION marks() RETURNS void LANGUAGE sql AS $$ UPDATE t SET w = 'dead' $$;
            CREATE VIEW none AS SELECT id FROM t WHERE false;
            CREATE VIEW of_none AS SELECT id FROM none;
            CREATE VIEW every AS SELECT id FROM t;
            CREATE TABLE swapped (id int, none int);
            INSERT INTO swapped (none) VALUES (1);
            CREATE TABLE noted (id int);
            CREATE FUNCTION notes() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO empty VALUES (NEW.id); RETURN NEW; END';
            CREATE TRIGGER r AFTER INSERT ON noted FOR EACH ROW EXECUTE FUNCTION notes();
            CREATE TABLE stamped (id int, at timestamptz);
            CREATE FUNCTION stamps() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.at := now(); RETURN NEW; END';
            CREATE TRIGGER r BEFORE INSERT OR UPDATE ON stamped FOR EACH ROW EXECUTE FUNCTION stamps();
            CREATE TABLE owners (id int PRIMARY KEY, name text, seen text);
            INSERT INTO owners VALUES (1);
            CREATE TABLE pets (name text, owner int REFERENCES owners ON DELETE SET NULL ON UPDATE CASCADE);
            INSERT INTO pets (owner) VALUES (1);
            CREATE TABLE parts (id int) PARTITION BY LIST (id);
            CREATE TABLE part (id int);
            INSERT INTO part VALUES (1);
            """);
        var wrong = new List<string>();
        foreach (var (sql, canFit) in scripts)
        {
            shop.With("1.sql", sql);
            var finding = (await FindAsync(shop)).Last(f => f.Rule is "update-rows" or "delete-rows" or "delete-without-where");
            if (finding.Severity != (canFit ? FindingSeverity.Destructive : FindingSeverity.Info))
                wrong.Add($"{sql}\n  {finding.Severity} {finding.Message}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Theory]
    [InlineData("ALTER TABLE t RENAME TO tt; UPDATE tt SET w = 'x' WHERE w IS NULL", "the columns that it overwrites contain no values")]
    [InlineData("CREATE SCHEMA arch; ALTER TABLE t SET SCHEMA arch; UPDATE arch.t AS a SET w = 'x' WHERE a.w IS NULL", "the columns that it overwrites contain no values")]
    [InlineData("ALTER TABLE t RENAME w TO note; UPDATE t SET note = 'x' WHERE note IS NULL", "the columns that it overwrites contain no values")]
    [InlineData("ALTER TABLE t RENAME TO tt; ALTER TABLE tt RENAME v TO note; UPDATE tt SET note = 'x' WHERE note = 'v1'", "updates 1 of 10 rows; 1 value of note would be overwritten")]
    [InlineData("ALTER TABLE t RENAME TO tt; DELETE FROM tt WHERE id = 3", "1 row would be lost")]
    [InlineData("ALTER TABLE t RENAME v TO old; ALTER TABLE t ADD v text; DELETE FROM t WHERE v IS NULL", "(how many could not be counted)")]
    public async Task A_condition_on_renamed_objects_is_counted_under_the_live_names(string sql, string reported)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        var finding = (await FindAsync(shop)).Last(f => f.Rule is "update-rows" or "update-without-where" or "delete-rows");
        Assert.EndsWith(reported, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v TYPE citext", FindingSeverity.Info)]
    [InlineData("v TYPE citext USING v::citext", FindingSeverity.Info)]
    [InlineData("v TYPE citext USING lower(v)::citext", FindingSeverity.Destructive)]
    [InlineData("v TYPE ltree USING v::ltree", FindingSeverity.Info)]
    [InlineData("v TYPE public.ltree USING text2ltree(v::text)", FindingSeverity.Info)]
    [InlineData("v TYPE ltree USING text2ltree(upper(v))", FindingSeverity.Destructive)]
    [InlineData("v TYPE hstore USING v::hstore", FindingSeverity.Destructive)]
    public async Task A_change_from_text_to_citext_or_ltree_loses_nothing_if_the_same_migrations_create_the_extension(string change, FindingSeverity severity)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", $"CREATE EXTENSION IF NOT EXISTS citext; CREATE EXTENSION IF NOT EXISTS ltree; CREATE EXTENSION IF NOT EXISTS hstore; ALTER TABLE t ALTER {change}");
        Assert.Equal(severity, Assert.Single(await FindAsync(shop), f => f.Rule == "lossy-type-change").Severity);
    }

    [Theory]
    [InlineData("DO $$ BEGIN CREATE TYPE st AS ENUM ('a', 'b'); EXCEPTION WHEN duplicate_object THEN NULL; END $$; ALTER TABLE guarded ALTER v TYPE st USING v::st", FindingSeverity.Info)]
    [InlineData("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_type WHERE typname = 'st') THEN CREATE TYPE st AS ENUM ('a', 'b'); END IF; END $$; ALTER TABLE guarded ALTER v TYPE st USING v::text::st", FindingSeverity.Info)]
    [InlineData("DO $$ BEGIN CREATE TYPE st AS ENUM ('a', 'b'); EXCEPTION WHEN duplicate_object THEN NULL; END $$; ALTER TABLE guarded ALTER v TYPE st USING lower(v)::st", FindingSeverity.Destructive)]
    [InlineData("ALTER DOMAIN short RENAME TO st; DO $$ BEGIN CREATE TYPE st AS ENUM ('a', 'b'); EXCEPTION WHEN duplicate_object THEN NULL; END $$; ALTER TABLE guarded ALTER v TYPE st USING v::st", FindingSeverity.Destructive)]
    [InlineData("DO $$ BEGIN CREATE DOMAIN st AS text; EXCEPTION WHEN duplicate_object THEN NULL; END $$; ALTER TABLE guarded ALTER v TYPE st USING v::st", FindingSeverity.Destructive)]
    public async Task A_cast_to_an_enum_that_a_DO_block_creates_loses_nothing(string sql, FindingSeverity severity)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        Assert.Equal(severity, Assert.Single(await FindAsync(shop), f => f.Rule == "lossy-type-change").Severity);
    }

    [Theory]
    [InlineData("UPDATE t SET w = 'x'", 10)]
    [InlineData("UPDATE t SET w = 'x' WHERE shouts(v) IS NULL AND false", 0)]
    [InlineData("UPDATE t SET v = trim(v); UPDATE t SET w = 'x' WHERE id = 1", 1)]
    [InlineData("UPDATE t SET v = replace(v, 'v1', 'x'); UPDATE t SET w = 'x' WHERE v = 'x'", 1)]
    public async Task An_update_that_overwrites_no_value_is_counted_again_and_runs(string sql, int updated)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        await shop.RunAsync(shop.Quick());
        Assert.Equal(updated, await shop.CountAsync("t WHERE w = 'x'"));
    }

    [Fact]
    public async Task Rows_of_foreign_tables_are_not_counted_and_are_never_reported_as_zero()
    {
        using var shop = await Shop.OpenAsync(pg,
            """
            CREATE EXTENSION postgres_fdw;
            CREATE SERVER "Far" FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1', connect_timeout '2');
            CREATE USER MAPPING FOR PUBLIC SERVER "Far" OPTIONS (user 'x', password 'x');
            CREATE FOREIGN TABLE far (id int, v text) SERVER "Far";
            CREATE TABLE parts (id int, v text) PARTITION BY RANGE (id);
            CREATE FOREIGN TABLE far_part PARTITION OF parts DEFAULT SERVER "Far";
            CREATE VIEW seen AS SELECT * FROM far;
            CREATE TABLE near (id int);
            """);
        foreach (var sql in new[] { "DELETE FROM far", "DELETE FROM far WHERE id = 1", "TRUNCATE far", "UPDATE far SET v = NULL", "UPDATE far SET v = 'x' WHERE id = 1", "TRUNCATE parts", "DELETE FROM parts", "UPDATE parts SET v = 'x' WHERE id = 1", "DELETE FROM seen", "UPDATE seen SET v = 'x' WHERE id = 1" })
        {
            shop.With("1.sql", sql);
            var finding = Assert.Single(await FindAsync(shop), f => f.Severity == FindingSeverity.Destructive);
            Assert.EndsWith("rows of it are stored on foreign server \"Far\" and were not counted; DbSafety cannot back them up or restore them", finding.Message, StringComparison.Ordinal);
            await shop.FailsAsync(shop.Quick(), "DBS403");
        }

        shop.With("1.sql", "DELETE FROM near WHERE id IN (SELECT id FROM far)");
        Assert.EndsWith("(how many could not be counted)", Assert.Single(await FindAsync(shop), f => f.Rule == "delete-rows").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_condition_with_effects_outside_the_transaction_is_never_executed_for_a_count()
    {
        var slot = $"counted_{Guid.NewGuid():N}";
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", $"DELETE FROM t WHERE id = (SELECT pid FROM pg_stat_activity WHERE pid = 0) OR pg_create_physical_replication_slot('{slot}') IS NULL");
        Assert.EndsWith("(how many could not be counted)", Assert.Single(await FindAsync(shop), f => f.Rule == "delete-rows").Message, StringComparison.Ordinal);
        Assert.Equal(0, await shop.CountAsync($"pg_replication_slots WHERE slot_name = '{slot}'"));
    }

    [Fact]
    public async Task A_count_that_blocks_another_session_is_cancelled()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "DELETE FROM t WHERE id > (SELECT count(*) FROM generate_series(1, 50000) a, generate_series(1, 50000) b)");
        var finding = FindAsync(shop);
        await Wait.UntilAsync(async () => await PgServer.ScalarAsync<long>(shop.Target, "SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND pid <> pg_backend_pid()") > 0);

        await PgServer.ExecuteAsync(shop.Target, "SET lock_timeout = '20s'; ALTER TABLE t ADD COLUMN x int");

        Assert.EndsWith("(how many could not be counted)", Assert.Single(await finding, f => f.Rule == "delete-rows").Message, StringComparison.Ordinal);
        Assert.Contains("another session waited for its lock", shop.Events.Text, StringComparison.Ordinal);
    }

    /// <summary>A trigger of the set that an UPDATE fires, and a DELETE of rows of another table that are not there.</summary>
    private static string Sets(string body) =>
        $"CREATE FUNCTION sets() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$; CREATE TRIGGER r BEFORE UPDATE ON owners FOR EACH ROW EXECUTE FUNCTION sets(); UPDATE owners SET name = 'x' WHERE id = 1; DELETE FROM t WHERE v = 'none';";

    private static Task<IReadOnlyList<MigrationFinding>> FindAsync(Shop shop) =>
        new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), shop.Events, CancellationToken.None);
}
