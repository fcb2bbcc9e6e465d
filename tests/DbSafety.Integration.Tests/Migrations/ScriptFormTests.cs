using DbSafety.Migrations;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>The forms that real scripts come in, one transaction or not.</summary>
[Collection(ScriptServerGroup.Name)]
public sealed class ScriptFormTests(PgServer pg)
{
    private const string Commits = "CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..3 LOOP UPDATE products SET note = i; COMMIT; END LOOP; END $$;\n";

    [Theory]
    [InlineData("BEGIN; CREATE TABLE made (id int); COMMIT;", true)]
    [InlineData("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1 / (current_setting('transaction_isolation') = 'serializable')::int; CREATE TABLE made (id int); END;", true)]
    [InlineData("SET lock_timeout = '9s';\nSET TRANSACTION ISOLATION LEVEL REPEATABLE READ;\nSELECT 1 / (current_setting('transaction_isolation') = 'repeatable read')::int; CREATE TABLE made (id int);", true)]
    [InlineData("LOCK TABLE products IN ACCESS EXCLUSIVE MODE; CREATE TABLE made (id int);", true)]
    [InlineData("CREATE TEMPORARY TABLE t ON COMMIT DROP AS SELECT 1 AS id; CREATE TABLE made AS SELECT * FROM t;", true)]
    [InlineData("CREATE TYPE mood AS ENUM ('a'); CREATE TABLE made (m mood DEFAULT 'a'); COMMIT;", true)]
    [InlineData("LOCK TABLE products; CREATE TABLE made (id int);\nCOMMIT;\nCREATE INDEX CONCURRENTLY i1 ON products (note);\nCREATE INDEX CONCURRENTLY i2 ON products (name);", false)]
    [InlineData("CREATE TEMP TABLE t ON COMMIT DROP AS SELECT 1 AS id; CREATE TABLE made AS SELECT * FROM t; VACUUM products;", false)]
    [InlineData("BEGIN; CREATE TABLE made (id int); COMMIT; BEGIN; LOCK TABLE made; COMMIT;", false)]
    [InlineData(Commits + "CALL fill(); CREATE TABLE made (id int);", false)]
    [InlineData("DO $$ BEGIN UPDATE products SET note = 'x'; COMMIT; END $$; CREATE TABLE made (id int);", false)]
    [InlineData("CREATE TABLE made (id int); SAVEPOINT s; DROP TABLE made; ROLLBACK TO SAVEPOINT s;", true)]
    [InlineData("BEGIN; CREATE TABLE made (id int); ROLLBACK; CREATE TABLE made (id int);", false)]
    public async Task Every_script_form_runs(string sql, bool atOnce)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", sql);

        await shop.RunAsync(shop.Quick() with { AllowAll = true });

        Assert.True(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('made') IS NOT NULL"));
        Assert.Equal("1_a.sql:Applied", await shop.StatesAsync());
        Assert.Equal(!atOnce, shop.Events.Text.Contains("not in one transaction", StringComparison.Ordinal));
        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('dbsafety.steps') IS NOT NULL"));
    }

    [Fact]
    public async Task A_nontransactional_script_resumes_at_the_failed_statement()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int);\nCOMMIT;\nCREATE UNIQUE INDEX CONCURRENTLY once ON products ((1));\nINSERT INTO made VALUES (1);");
        var failure = await shop.FailsAsync(shop.Quick(), "DBS406");
        Assert.Contains("line 3", failure.Message, StringComparison.Ordinal);
        var stopped = Assert.Single(await shop.ListAsync());
        Assert.Equal((MigrationState.Failed, 2, false), (stopped.State, stopped.ResumesAt, stopped.BlocksRun));
        Assert.Contains("could not create unique index", stopped.Log, StringComparison.Ordinal);

        await PgServer.ExecuteAsync(shop.Target, "DELETE FROM products WHERE id > 1");
        await shop.RunAsync(shop.Quick());

        Assert.Contains("continues after statement 1 of 4", shop.Events.Text, StringComparison.Ordinal);
        Assert.Equal(1, await shop.CountAsync("made"));
        Assert.Equal("1_a.sql:Applied", await shop.StatesAsync());
    }

    [Fact]
    public async Task A_script_whose_statements_all_completed_is_only_recorded_in_the_migration_history()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int);\nCOMMIT;\nCREATE INDEX CONCURRENTLY i ON products (note);");
        // As a kill leaves it just before the end.
        var checksum = (await shop.ListAsync())[0].Checksum;
        await PgServer.ExecuteAsync(shop.Target, "CREATE TABLE made (id int); CREATE INDEX i ON products (note)");
        await new ResolveMigration().RunAsync(new MigrationResolveRequest(shop.With("0_a.sql", "SELECT 1;").Migrations, shop.Target, "0_a.sql", MigrationResolution.Applied), shop.Events, CancellationToken.None);
        await PgServer.ExecuteAsync(shop.Target,
            $"""
            INSERT INTO dbsafety.migrations (name, checksum) VALUES ('1_a.sql', '{checksum}');
            CREATE TABLE dbsafety.steps (ledger text, name text, checksum text NOT NULL, done int NOT NULL, statements int NOT NULL, error text, PRIMARY KEY (ledger, name));
            INSERT INTO dbsafety.steps VALUES ('dbsafety.migrations', '1_a.sql', '{checksum}', 3, 3, NULL);
            """);
        Assert.Equal((MigrationState.Failed, 4, true), ((await shop.ListAsync())[1].State, (await shop.ListAsync())[1].ResumesAt, (await shop.ListAsync())[1].IsPending));

        await shop.RunAsync(shop.Quick());

        Assert.Equal("0_a.sql:Applied 1_a.sql:Applied", await shop.StatesAsync());
        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('dbsafety.steps') IS NOT NULL"));
    }

    [Fact]
    public async Task A_partially_applied_script_that_was_modified_does_not_resume()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int); COMMIT; SELECT 1 / 0;");
        await shop.FailsAsync(shop.Quick(), "DBS406");
        shop.With("1_a.sql", "COMMIT; SELECT 1;");
        var refusal = await shop.FailsAsync(shop.Quick(), "DBS402");
        Assert.Contains("migration resolve", refusal.Hint, StringComparison.Ordinal);

        await new ResolveMigration().RunAsync(new MigrationResolveRequest(shop.Migrations, shop.Target, "1_a.sql", MigrationResolution.RolledBack), shop.Events, CancellationToken.None);
        await shop.RunAsync(shop.Quick());
        Assert.Equal("1_a.sql:Applied", await shop.StatesAsync());
    }

    [Fact]
    public async Task A_statement_that_exceeds_the_statement_timeout_is_canceled()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int);\nSELECT pg_sleep(600);");
        var failure = await shop.FailsAsync(shop.Quick() with { StatementTimeout = TimeSpan.FromSeconds(3) }, "DBS406");
        Assert.Contains("line 2: canceling statement due to statement timeout", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_reports_the_current_statement()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int); SELECT pg_sleep(1); SELECT 3;");
        await shop.RunAsync(shop.Quick());
        Assert.Contains(shop.Events.All.OfType<ProgressEvent>(), e => e.Status == "1_a.sql: statement 2 of 3: SELECT pg_sleep(1)");
    }

    [Fact]
    public async Task A_script_that_cannot_run_in_a_transaction_runs_statement_by_statement_and_this_is_reported()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_index.sql", "CREATE INDEX CONCURRENTLY products_name ON products (name);\nVACUUM products;\n");

        var run = await shop.RunAsync(shop.Request());

        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.Contains("statement by statement", run.Stages.Single(s => s.Name == "apply").Evidence, StringComparison.Ordinal);
        Assert.True(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'products_name'::regclass"));
    }

    [Theory]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;\nSELECT f();")]
    [InlineData("CREATE RULE r AS ON INSERT TO nothing DO ALSO (SELECT 1; SELECT 2);")]
    [InlineData("INSERT INTO nothing SELECT 1 WHERE '{\"a\": 1}'::jsonb ? 'a' AND ':x @y ;' <> E'\\';' AND $$ ; $$ <> '';")]
    [InlineData("BEGIN;\nINSERT INTO nothing VALUES (1);\nCOMMIT;")]
    [InlineData("COPY nothing (id) FROM stdin;\n1\n2\n\\.\n")]
    public async Task Scripts_with_unusual_syntax_are_sent_to_PostgreSQL_unchanged(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_odd.sql", sql);
        var run = await shop.RunAsync(shop.Quick());
        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.DoesNotContain("statement by statement", run.Stages.Single(s => s.Name == "apply").Evidence, StringComparison.Ordinal);
    }
}
