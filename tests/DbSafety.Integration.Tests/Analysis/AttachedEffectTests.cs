using DbSafety.Analysis.Findings;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>What a statement does by way of what is attached to the tables that it names: PostgreSQL does it, and the analysis reports it.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class AttachedEffectTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TABLE kept (id int); INSERT INTO kept SELECT generate_series(1, 5);
        CREATE FUNCTION wipe() RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM kept; RETURN 1; END';
        CREATE FUNCTION wipes() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM kept; RETURN NEW; END';
        CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';

        CREATE TABLE ruled (id int, n int); INSERT INTO ruled VALUES (1, 1);
        CREATE RULE u AS ON UPDATE TO ruled DO ALSO DELETE FROM kept;
        CREATE TABLE called (id int); INSERT INTO called VALUES (1); CREATE TRIGGER t AFTER INSERT ON called FOR EACH ROW EXECUTE FUNCTION wipes();
        CREATE RULE i AS ON INSERT TO ruled DO ALSO INSERT INTO called VALUES (new.id);
        CREATE TABLE child_of_ruled () INHERITS (ruled);
        CREATE VIEW over_ruled AS SELECT id, n FROM ruled;
        CREATE VIEW replaced AS SELECT id FROM called; CREATE RULE d AS ON DELETE TO replaced DO INSTEAD DELETE FROM kept;
        CREATE TABLE conditional (id int); INSERT INTO conditional VALUES (1); CREATE RULE d AS ON DELETE TO conditional WHERE old.id < 0 DO ALSO DELETE FROM kept;
        CREATE TABLE by_replica (id int); INSERT INTO by_replica VALUES (1); CREATE TRIGGER t AFTER UPDATE ON by_replica FOR EACH ROW EXECUTE FUNCTION wipes();

        CREATE DOMAIN wiping AS int DEFAULT wipe();
        CREATE TABLE with_default (id int, n int DEFAULT wipe()); INSERT INTO with_default VALUES (1, 1);
        CREATE TABLE of_domain (id int, n wiping); INSERT INTO of_domain VALUES (1, 1);

        CREATE TABLE above (id int PRIMARY KEY); CREATE TABLE below (id int REFERENCES above);
        CREATE TRIGGER t BEFORE TRUNCATE ON below FOR EACH STATEMENT EXECUTE FUNCTION wipes();

        CREATE TABLE top (id int PRIMARY KEY, name text); INSERT INTO top VALUES (1, 'a'), (2, 'b');
        CREATE TABLE middle (id int PRIMARY KEY REFERENCES top ON UPDATE CASCADE ON DELETE CASCADE); INSERT INTO middle VALUES (1);
        CREATE TABLE lowest (id int, middle int REFERENCES middle ON UPDATE CASCADE ON DELETE SET NULL, note text); INSERT INTO lowest VALUES (1, 1, 'a'); CREATE TRIGGER t AFTER UPDATE OF middle ON lowest FOR EACH ROW EXECUTE FUNCTION wipes();
        CREATE TABLE parted (id int, middle int REFERENCES middle ON UPDATE CASCADE) PARTITION BY LIST (middle); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1); CREATE TABLE parted_2 PARTITION OF parted DEFAULT;
        CREATE TRIGGER t AFTER DELETE ON parted FOR EACH ROW EXECUTE FUNCTION wipes();
        CREATE TABLE free (id int, top int) PARTITION BY LIST (top); CREATE TABLE free_1 PARTITION OF free FOR VALUES IN (1); CREATE TABLE free_2 PARTITION OF free DEFAULT; INSERT INTO free VALUES (1, 1);
        CREATE TRIGGER t AFTER DELETE ON free FOR EACH ROW EXECUTE FUNCTION wipes();
        CREATE TABLE watched (id int PRIMARY KEY); INSERT INTO watched VALUES (1); CREATE TABLE watching (id int REFERENCES watched ON DELETE CASCADE ON UPDATE CASCADE, note text); INSERT INTO watching VALUES (1, 'a');

        CREATE TABLE harmless (id int); INSERT INTO harmless VALUES (1); CREATE TRIGGER t AFTER UPDATE ON harmless FOR EACH ROW EXECUTE FUNCTION nothing();

        CREATE FUNCTION compares(int, int) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN DELETE FROM kept; RETURN true; END';
        CREATE OPERATOR === (FUNCTION = compares, LEFTARG = int, RIGHTARG = int);
        CREATE TYPE pair AS (a int, b int);
        CREATE FUNCTION pairs(int) RETURNS pair LANGUAGE plpgsql AS 'BEGIN DELETE FROM kept; RETURN ROW($1, $1)::pair; END';
        CREATE CAST (int AS pair) WITH FUNCTION pairs(int) AS ASSIGNMENT;
        CREATE TABLE of_pair (p pair);
        CREATE FUNCTION cleared(harmless) RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM kept; RETURN 1; END';
        CREATE FUNCTION called_too() RETURNS int LANGUAGE plpgsql AS 'BEGIN INSERT INTO called VALUES (2); RETURN 1; END';
        """;

    [Theory]
    [InlineData("UPDATE ruled SET n = 2 WHERE id = 1")]
    [InlineData("UPDATE over_ruled SET n = 2 WHERE id = 1")]
    [InlineData("INSERT INTO ruled VALUES (2, 2)")]
    [InlineData("DELETE FROM replaced WHERE id = 1")]
    [InlineData("DO $$ BEGIN UPDATE ruled SET n = 2 WHERE id = 1; END $$")]
    [InlineData("ALTER TABLE ruled DISABLE RULE u; ALTER TABLE ruled ENABLE RULE u; UPDATE ruled SET n = 2 WHERE id = 1")]
    [InlineData("CREATE TABLE mine (id int); CREATE RULE r AS ON INSERT TO mine DO ALSO INSERT INTO called VALUES (1); INSERT INTO mine VALUES (1)")]
    [InlineData("SELECT called_too()")]
    [InlineData("ALTER TABLE harmless ADD COLUMN n wiping")]
    [InlineData("INSERT INTO of_domain (id) VALUES (2)")]
    [InlineData("INSERT INTO with_default (id, n) VALUES (2, DEFAULT)")]
    [InlineData("UPDATE with_default SET n = DEFAULT WHERE id = 1")]
    [InlineData("UPDATE of_domain SET n = DEFAULT WHERE id = 1")]
    [InlineData("TRUNCATE above CASCADE")]
    [InlineData("CREATE TABLE lower_still (id int); CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM kept; RETURN NULL; END'; ALTER TABLE lower_still ADD FOREIGN KEY (id) REFERENCES above; CREATE TRIGGER t BEFORE TRUNCATE ON lower_still EXECUTE FUNCTION mine(); DROP TRIGGER t ON below; TRUNCATE above CASCADE")]
    [InlineData("SELECT 1 === 2")]
    [InlineData("DELETE FROM harmless WHERE id OPERATOR(public.===) 2")]
    [InlineData("SELECT 1::pair")]
    [InlineData("INSERT INTO of_pair VALUES (1)")]
    [InlineData("SELECT h.cleared FROM harmless h")]
    [InlineData("CREATE FUNCTION mine(int, int) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN DELETE FROM kept; RETURN true; END'; CREATE OPERATOR ==== (FUNCTION = mine, LEFTARG = int, RIGHTARG = int); SELECT 1 ==== 2")]
    [InlineData("CREATE TYPE t2 AS (a int); CREATE FUNCTION mine(int) RETURNS t2 LANGUAGE plpgsql AS 'BEGIN DELETE FROM kept; RETURN ROW($1)::t2; END'; CREATE CAST (int AS t2) WITH FUNCTION mine(int); SELECT 1::t2")]
    [InlineData("CREATE FUNCTION mine(harmless) RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM kept; RETURN 1; END'; SELECT h.mine FROM harmless h")]
    [InlineData("CREATE OR REPLACE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM kept; RETURN NEW; END $$; UPDATE harmless SET id = 2 WHERE id = 1")]
    [InlineData("BEGIN; CREATE OR REPLACE FUNCTION wipes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; ROLLBACK; INSERT INTO called VALUES (2)")]
    [InlineData("INSERT INTO called VALUES (2); CREATE OR REPLACE FUNCTION wipes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$")]
    [InlineData("ALTER FUNCTION wipes() RENAME TO renamed; CREATE FUNCTION wipes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; INSERT INTO called VALUES (2)")]
    [InlineData("ALTER TABLE by_replica ENABLE REPLICA TRIGGER t; SET session_replication_role = replica; UPDATE by_replica SET id = 2 WHERE id = 1")]
    [InlineData("ALTER TABLE by_replica ENABLE ALWAYS TRIGGER t; SET session_replication_role = replica; UPDATE by_replica SET id = 2 WHERE id = 1")]
    [InlineData("SET session_replication_role = replica; RESET session_replication_role; UPDATE by_replica SET id = 2 WHERE id = 1")]
    [InlineData("DO $$ BEGIN ALTER TABLE by_replica ENABLE REPLICA TRIGGER t; SET LOCAL session_replication_role = replica; UPDATE by_replica SET id = 2 WHERE id = 1; END $$")]
    [InlineData("UPDATE top SET id = 5 WHERE id = 1")]
    [InlineData("ALTER TABLE free ADD FOREIGN KEY (top) REFERENCES top ON UPDATE CASCADE; UPDATE top SET id = 5 WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM kept; RETURN NULL; END'; CREATE TRIGGER t AFTER UPDATE ON watching FOR EACH ROW EXECUTE FUNCTION mine(); UPDATE watched SET id = 2 WHERE id = 1")]
    [InlineData("BEGIN; ALTER TABLE by_replica DISABLE TRIGGER t; ROLLBACK; UPDATE by_replica SET id = 2 WHERE id = 1")]
    public async Task The_effects_of_triggers_and_rules_of_a_table_are_reported_as_a_loss(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", sql);

        Assert.Contains(await FindAsync(shop), IsLoss);
        await PgServer.ExecuteAsync(shop.Target, sql);
        Assert.Equal(0, await shop.CountAsync("kept"));
    }

    [Theory]
    [InlineData("DELETE FROM conditional WHERE id = 1")]
    [InlineData("ALTER TABLE ruled DISABLE RULE u; UPDATE ruled SET n = 2 WHERE id = 1; ALTER TABLE ruled ENABLE RULE u")]
    [InlineData("DROP RULE u ON ruled; UPDATE ruled SET n = 2 WHERE id = 1")]
    [InlineData("UPDATE child_of_ruled SET n = 2 WHERE id = 1")]
    [InlineData("INSERT INTO with_default (id, n) VALUES (2, 3)")]
    [InlineData("INSERT INTO of_domain (n, id) SELECT 1, 2")]
    [InlineData("UPDATE with_default SET id = DEFAULT WHERE id = 1")]
    [InlineData("ALTER TABLE harmless ADD COLUMN n wiping DEFAULT 1")]
    [InlineData("TRUNCATE harmless CASCADE")]
    [InlineData("SELECT 1 = 2, 1::text, h.id FROM harmless h")]
    [InlineData("CREATE OR REPLACE FUNCTION wipes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; INSERT INTO called VALUES (2)")]
    [InlineData("CREATE OR REPLACE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN DELETE FROM kept; END IF; RETURN NEW; END $$; UPDATE harmless SET id = 2 WHERE id = 1")]
    [InlineData("UPDATE top SET name = 'x' WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM kept; RETURN NULL; END'; CREATE TRIGGER t AFTER DELETE ON watching FOR EACH ROW EXECUTE FUNCTION mine(); UPDATE watched SET id = 2 WHERE id = 1")]
    [InlineData("SET session_replication_role = replica; UPDATE by_replica SET id = 2 WHERE id = 1")]
    [InlineData("ALTER TABLE by_replica ENABLE REPLICA TRIGGER t; UPDATE by_replica SET id = 2 WHERE id = 1")]
    public async Task A_trigger_or_rule_that_does_not_fire_is_not_a_loss(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", sql);

        Assert.DoesNotContain(await FindAsync(shop), IsLoss);
        await PgServer.ExecuteAsync(shop.Target, sql);
        Assert.Equal(5, await shop.CountAsync("kept"));
    }

    [Fact]
    public async Task The_finding_names_the_rule_and_the_run_is_refused()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", "UPDATE ruled SET n = 2 WHERE id = 1");

        Assert.Contains(await FindAsync(shop), f => IsLoss(f) && f.Message.EndsWith("in rule u on table ruled: 5 rows would be lost", StringComparison.Ordinal));
        await shop.FailsAsync(shop.Quick(), "DBS403");
    }

    [Theory]
    [InlineData("CREATE TEMP TABLE kept AS SELECT 1 AS id; DROP TABLE kept", 5)]
    [InlineData("SELECT 1 AS id INTO TEMP kept; DROP TABLE IF EXISTS kept", 5)]
    [InlineData("CREATE TEMP TABLE IF NOT EXISTS kept (id int); DROP TABLE pg_temp.kept", 5)]
    [InlineData("CREATE TEMP TABLE kept AS SELECT 1 AS id; DROP TABLE kept; DROP TABLE kept", null)]
    [InlineData("CREATE TEMP TABLE kept AS SELECT 1 AS id; DROP TABLE public.kept", null)]
    [InlineData("CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT 1 AS id; COMMIT; DROP TABLE kept", null)]
    [InlineData("BEGIN; CREATE TEMP TABLE kept AS SELECT 1 AS id; ROLLBACK; DROP TABLE kept", null)]
    [InlineData("SET search_path = public, pg_temp; CREATE TEMP TABLE kept AS SELECT 1 AS id; DROP TABLE kept", null)]
    [InlineData("CREATE TEMP TABLE kept AS SELECT 1 AS id; DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'kept'; END $$; DROP TABLE kept", null)]
    [InlineData("CREATE FUNCTION drops() RETURNS void LANGUAGE sql AS 'DROP TABLE IF EXISTS kept'; CREATE TEMP TABLE kept AS SELECT 1 AS id; SELECT drops(); DROP TABLE kept", null)]
    public async Task A_name_resolves_to_the_temporary_table_until_it_is_dropped(string sql, int? left)
    {
        using var shop = (await Shop.OpenAsync(pg, "CREATE TABLE kept (id int); INSERT INTO kept SELECT generate_series(1, 5)")).With("1_x.sql", sql);

        Assert.Equal(left is null, (await FindAsync(shop)).Any(IsLoss));
        await PgServer.ExecuteAsync(shop.Target, sql);
        Assert.Equal(left is null ? "" : "kept", await PgServer.ScalarAsync<string>(shop.Target, "SELECT coalesce(to_regclass('public.kept')::text, '')"));
        Assert.True(left is null || await shop.CountAsync("kept") == left);
    }

    private static bool IsLoss(MigrationFinding finding) => finding is { Severity: FindingSeverity.Destructive, Object: "kept" };

    private static Task<IReadOnlyList<MigrationFinding>> FindAsync(Shop shop) =>
        new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), shop.Events, CancellationToken.None);
}
