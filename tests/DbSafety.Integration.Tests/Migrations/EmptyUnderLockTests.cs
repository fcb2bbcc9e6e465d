using DbSafety.Databases.Connections;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>What a count found empty is counted again under a lock, in the transaction that destroys it.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class EmptyUnderLockTests(PgServer pg)
{
    private const string Schema = Shop.Schema +
        """
        CREATE TYPE mood AS ENUM ('good', 'bad');
        CREATE TABLE feelings (id int, is_now mood);
        CREATE SCHEMA old;
        CREATE TABLE old.things (id int);
        CREATE TABLE events (id int, kind int) PARTITION BY LIST (kind);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES IN (1);
        CREATE TABLE parent (id int);
        CREATE TABLE child (more int) INHERITS (parent);
        CREATE TABLE top (id int PRIMARY KEY);
        CREATE TABLE below (id int REFERENCES top);
        CREATE MATERIALIZED VIEW seen AS SELECT id FROM nothing;
        """;

    private const string Insert = "INSERT INTO nothing VALUES (7)";

    private const string Enum =
        "ALTER TYPE mood RENAME TO mood_old; CREATE TYPE mood AS ENUM ('good'); ALTER TABLE feelings ALTER is_now TYPE mood USING replace(is_now::text, 'bad', 'good')::mood; DROP TYPE mood_old;";

    [Theory]
    [InlineData("DROP TABLE nothing;", Insert, "1 row would be lost", "drop-table:nothing")]
    [InlineData("ALTER TABLE nothing RENAME TO none; DROP TABLE none;", Insert, "1 row would be lost", "drop-table:none")]
    [InlineData("ALTER TABLE products DROP COLUMN note;", "UPDATE products SET note = 'x' WHERE id < 4", "3 values would be lost", "drop-column:products.note")]
    [InlineData("ALTER TABLE products RENAME note TO remark; ALTER TABLE products DROP COLUMN remark;", "UPDATE products SET note = 'x' WHERE id < 4", "3 values would be lost", "drop-column:products.remark")]
    [InlineData("TRUNCATE nothing;", Insert, "1 row would be lost", "truncate:nothing")]
    [InlineData("TRUNCATE top CASCADE;", "INSERT INTO top VALUES (1); INSERT INTO below VALUES (1)", "2 rows would be lost", "truncate:top")]
    [InlineData("DELETE FROM products WHERE id > 100;", "INSERT INTO products VALUES (101, 1, 'new')", "1 row would be lost", "delete-rows:products")]
    [InlineData("DELETE FROM nothing;", Insert, "1 row would be lost", "delete-without-where:nothing")]
    [InlineData("UPDATE nothing SET id = 0;", Insert, "1 row would be overwritten", "update-without-where:nothing")]
    [InlineData("UPDATE products SET name = NULL WHERE id > 100;", "INSERT INTO products VALUES (101, 1, 'new')", "1 row would be overwritten", "update-rows:products")]
    [InlineData("ALTER TABLE products ALTER name TYPE varchar(3) USING left(name, 3);", "UPDATE products SET name = 'longer' WHERE id = 1", "1 value would not be preserved", "lossy-type-change:products.name")]
    [InlineData(Enum, "INSERT INTO feelings VALUES (1, 'bad')", "1 row contains a removed value", "enum-value-removal:mood")]
    [InlineData("DROP SCHEMA old CASCADE;", "INSERT INTO old.things VALUES (1)", "1 row would be lost", "drop-schema:old")]
    [InlineData("DROP TABLE events;", "INSERT INTO events VALUES (1, 1)", "1 row would be lost", "drop-table:events")]
    [InlineData("DROP TABLE parent CASCADE;", "INSERT INTO child VALUES (1, 2)", "1 row would be lost", "drop-table:child")]
    [InlineData("DROP MATERIALIZED VIEW seen;", Insert + "; REFRESH MATERIALIZED VIEW seen", "1 row would be lost", "drop-materialized-view:seen")]
    [InlineData("DO $$ BEGIN DROP TABLE nothing; END $$;", Insert, "1 row would be lost", "drop-table:nothing")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE nothing CASCADE; END $$; SELECT 1; SELECT f();", Insert, "1 row would be lost", "drop-table:nothing")]
    [InlineData("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1; DROP TABLE nothing CASCADE;", Insert, "1 row would be lost", "drop-table:nothing")]
    [InlineData("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1; ALTER TABLE products DROP COLUMN note;", "UPDATE products SET note = 'x' WHERE id < 4", "3 values would be lost", "drop-column:products.note")]
    public async Task Rows_that_a_concurrent_writer_commits_while_the_run_waits_for_its_lock_are_not_lost(string sql, string write, string lost, string allow)
    {
        if (sql == "DROP TABLE nothing;" || sql.StartsWith("ALTER TABLE nothing", StringComparison.Ordinal) || sql.StartsWith("DO", StringComparison.Ordinal))
            sql = "DROP MATERIALIZED VIEW seen;\n" + sql;
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", sql + "\nCREATE TABLE made (id int);");
        await using var writer = await shop.Target.OpenAsync(CancellationToken.None, "the writer");
        Task? committed = null;
        using var at = StepListener.At("migrate: gate finished", async () =>
        {
            await writer.ExecuteAsync("BEGIN; " + write, CancellationToken.None);
            committed = CommitOnceBlockedAsync(shop.Target, writer);
        });

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS421");

        await committed!;
        Assert.Contains(lost, refusal.Message, StringComparison.Ordinal);
        // REFRESH locks even readers out, so that the look before the first script may have waited already.
        Assert.Matches(write.Contains("REFRESH", StringComparison.Ordinal) ? "Nothing was changed|1_x.sql was rolled back" : "1_x.sql was rolled back", refusal.Hint);
        Assert.Contains($"--allow '{allow}'", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(SafeMigrationOutcome.RolledBack, Assert.Single(shop.Events.All.OfType<SafeMigrationFailedEvent>()).Run.Outcome);
        Assert.Equal("1_x.sql:Pending", await shop.StatesAsync());
        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('made') IS NOT NULL"));
        Assert.Contains("would", (await shop.FailsAsync(shop.Quick(), "DBS403")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("back up")]
    [InlineData("rehearse")]
    public async Task Rows_written_during_backup_or_rehearsal_are_detected_before_any_script_runs(string stage)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_x.sql", "CREATE TABLE made (id int);").With("2_x.sql", "DROP TABLE nothing;");
        using var at = StepListener.At($"migrate: {stage} finished", () => PgServer.ExecuteAsync(shop.Target, Insert));

        var refusal = await shop.FailsAsync(shop.Request(), "DBS421");

        Assert.Contains("drops table nothing: 1 row would be lost", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal("1_x.sql:Pending 2_x.sql:Pending", await shop.StatesAsync());
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Request("drop-table:nothing"))).Outcome);
    }

    [Theory]
    [InlineData("DROP TABLE nothing", Insert, false)]
    [InlineData("TRUNCATE nothing", Insert, false)]
    [InlineData("ALTER TABLE products DROP COLUMN note", "UPDATE products SET note = 'x' WHERE id < 4", true)]
    public async Task Tables_dropped_by_dynamic_SQL_are_counted_under_a_lock(string hidden, string write, bool isRehearsed)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_x.sql", $"DO $$ BEGIN EXECUTE '{hidden}'; END $$;");
        using var at = StepListener.At("migrate: transaction watched", () => PgServer.ExecuteAsync(shop.Target, write), isRehearsed ? 2 : 1);

        var refusal = await shop.FailsAsync(isRehearsed ? shop.Request() : shop.Quick(), "DBS421");

        Assert.Contains("would be lost", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("1_x.sql:Pending", await shop.StatesAsync());
        Assert.Equal(isRehearsed ? 3 : 1, await shop.CountAsync(isRehearsed ? "products WHERE note = 'x'" : "nothing"));
    }

    [Fact]
    public async Task Table_created_in_a_schema_by_another_session_during_DROP_SCHEMA_is_not_lost()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", "DROP SCHEMA old CASCADE;");
        await using var writer = await shop.Target.OpenAsync(CancellationToken.None, "the writer");
        Task? committed = null;
        using var at = StepListener.At("migrate: harmless statement has its locks", async () =>
        {
            await writer.ExecuteAsync("BEGIN; CREATE TABLE old.late AS SELECT 1 AS id", CancellationToken.None);
            committed = CommitOnceBlockedAsync(shop.Target, writer);
        });

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS409");

        await committed!;
        Assert.Contains("table old.late, which was created while the migration ran, would be dropped", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, await shop.CountAsync("old.late"));
    }

    [Fact]
    public async Task Lock_is_acquired_directly_before_the_statement_in_the_mode_of_the_statement()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_x.sql", "ALTER TABLE products ADD COLUMN x int; TRUNCATE nothing; DELETE FROM nothing;");
        const string Locks = "SELECT coalesce(string_agg(mode, ' '), 'none') FROM pg_locks WHERE relation = 'nothing'::regclass AND granted";
        var seen = new List<string>();
        using var at = StepListener.AtEach(async (point, _) =>
        {
            if (point.StartsWith("migrate: harmless statement", StringComparison.Ordinal))
                seen.Add(await PgServer.ScalarAsync<string>(shop.Target, Locks));
        });

        await shop.RunAsync(shop.Quick());

        Assert.Equal(["none", "AccessExclusiveLock"], seen[..2]);
    }

    [Fact]
    public async Task Earlier_count_of_zero_does_not_waive_the_allowance_when_rows_cannot_be_counted_under_a_lock()
    {
        using var parts = (await Shop.OpenAsync(pg)).With("1_x.sql", "CREATE INDEX CONCURRENTLY i ON products (name); DROP TABLE nothing; DROP TABLE IF EXISTS not_there;");
        var refusal = await parts.FailsAsync(parts.Quick(), "DBS403");
        Assert.Contains("drops table nothing: the table is empty now, but 1_x.sql does not run in one transaction", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not_there", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(SafeMigrationOutcome.Applied, (await parts.RunAsync(parts.Quick("drop-table:nothing"))).Outcome);

        using var command = (await Shop.OpenAsync(pg)).With("1_x.sql", "DROP TABLE nothing;");
        refusal = await command.FailsAsync(command.Quick() with { Command = new MigrationCommand(["true"]) }, "DBS403");
        Assert.Contains("the table is empty now, but the rows cannot be counted again inside the transaction of true", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--allow 'drop-table:nothing'", refusal.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DO_block_that_commits_does_not_drop_a_table_that_was_empty_only_at_the_safety_check()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_x.sql", "CREATE TABLE made (id int); DO $$ BEGIN DROP TABLE nothing; COMMIT; END $$;");
        var refusal = await shop.FailsAsync(shop.Quick(), "DBS421");
        Assert.Contains("commits by itself", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(0, await shop.CountAsync("nothing"));
        Assert.Equal("1_x.sql:Pending", await shop.StatesAsync());
    }

    [Theory]
    [InlineData("DROP TABLE secrets;", "drops table secrets (how many could not be counted)")]
    [InlineData("UPDATE names SET name = 'x';", "overwrites name in every row of names: updates 10 of 10 rows in table products; 10 values of name would be overwritten")]
    public async Task Rows_hidden_by_row_level_security_and_rows_of_views_are_not_counted_as_zero(string sql, string expected)
    {
        using var shop = await Shop.OpenAsync(pg);
        var role = $"hidden_{Guid.NewGuid():N}";
        await PgServer.ExecuteAsync(shop.Target,
            $"""
            CREATE ROLE {role} LOGIN; GRANT ALL ON SCHEMA public TO {role}; GRANT CREATE ON DATABASE {shop.Target.Database} TO {role};
            CREATE TABLE secrets (id int); INSERT INTO secrets VALUES (1); ALTER TABLE secrets OWNER TO {role}; ALTER TABLE secrets ENABLE ROW LEVEL SECURITY; ALTER TABLE secrets FORCE ROW LEVEL SECURITY;
            CREATE VIEW names AS SELECT name FROM products; GRANT ALL ON names TO {role};
            """);
        try
        {
            shop.With("1_x.sql", sql);
            var refusal = await shop.FailsAsync(shop.Quick() with { Target = shop.Target with { Username = role } }, "DBS403");
            Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            await PgServer.ExecuteAsync(shop.Target, $"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    private static async Task CommitOnceBlockedAsync(DatabaseTarget target, Npgsql.NpgsqlConnection writer)
    {
        await using var watcher = await target.OpenAsync(CancellationToken.None);
        await Wait.UntilAsync(() => watcher.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid)))", CancellationToken.None, writer.ProcessID));
        await writer.ExecuteAsync("COMMIT", CancellationToken.None);
    }
}
