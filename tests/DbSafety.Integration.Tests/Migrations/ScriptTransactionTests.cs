using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>
/// Scripts with transaction control of their own leave the rows that they leave when their own tool runs them: Prisma as one simple query (<c>psql -c</c>),
/// plain SQL files statement by statement (<c>psql -f</c>), Drizzle by its own migrator.
/// </summary>
[Collection(ScriptServerGroup.Name)]
public sealed class ScriptTransactionTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TABLE t (id int PRIMARY KEY, v int);
        INSERT INTO t VALUES (1, 0), (2, 0);
        CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..2 LOOP UPDATE t SET v = v + 1000; COMMIT; END LOOP; END $$;
        """;

    private const string U1 = "UPDATE t SET v = v + 1;\n";
    private const string U10 = "UPDATE t SET v = v + 10;\n";
    private const string U100 = "UPDATE t SET v = v + 100;\n";
    private const string Cut = "--> statement-breakpoint\n";
    private const string Lock = "migration: lock timeout";

    public enum Expected
    {
        /// <summary>Both succeed, and leave the same rows.</summary>
        Same,

        /// <summary>Both fail, and leave the same rows.</summary>
        Fails,

        /// <summary>The tool fails at a statement that cannot run in its transaction.</summary>
        OursAlone,

        /// <summary>Nothing is run.</summary>
        Refused,
    }

    public static TheoryData<MigrationSource, string, Expected, bool> Scripts { get; } = new()
    {
        { MigrationSource.Prisma, U10, Expected.Same, true },
        { MigrationSource.Prisma, "BEGIN;" + U10 + "COMMIT;", Expected.Same, true },
        { MigrationSource.Prisma, "BEGIN;" + U10 + "ROLLBACK;", Expected.Same, true },
        { MigrationSource.Prisma, U10 + "ROLLBACK;", Expected.Same, true },
        { MigrationSource.Prisma, U10 + "ROLLBACK;" + U1, Expected.Same, true },
        { MigrationSource.Prisma, U10 + "COMMIT;" + U1, Expected.Same, true },
        { MigrationSource.Prisma, U10 + "BEGIN;" + U1 + "COMMIT;", Expected.Same, true },
        { MigrationSource.Prisma, U10 + "BEGIN;" + U1 + "ROLLBACK;" + U100, Expected.Same, true },
        { MigrationSource.Prisma, "BEGIN;" + U10 + "COMMIT AND CHAIN;" + U1 + "COMMIT;" + U100, Expected.Same, true },
        { MigrationSource.Prisma, "BEGIN;" + U10 + "ROLLBACK AND CHAIN;" + U1 + "COMMIT;", Expected.Same, true },
        { MigrationSource.Prisma, U10 + "COMMIT AND CHAIN;" + U1, Expected.Refused, false },
        { MigrationSource.Prisma, "BEGIN;" + U10, Expected.Refused, false },
        { MigrationSource.Prisma, U10 + "COMMIT; BEGIN;" + U1, Expected.Refused, false },
        { MigrationSource.Prisma, "BEGIN;" + U10 + "PREPARE TRANSACTION 'x';", Expected.Refused, false },
        { MigrationSource.Prisma, U10 + "VACUUM t; ROLLBACK;", Expected.Refused, false },
        { MigrationSource.Prisma, U10 + "COMMIT;" + U1 + "SELECT 1 / 0;", Expected.Fails, false },
        { MigrationSource.Prisma, U10 + "COMMIT; BEGIN;" + U1 + "SELECT 1 / 0; COMMIT;", Expected.Fails, false },
        { MigrationSource.Prisma, U10 + "ROLLBACK;" + U1 + "SELECT 1 / 0;", Expected.Fails, false },
        { MigrationSource.Prisma, "BEGIN;" + U10 + "SAVEPOINT s;" + U1 + "ROLLBACK TO s; COMMIT;" + U100, Expected.Same, true },
        { MigrationSource.Prisma, "END;" + U10 + "ABORT;" + U1, Expected.Same, true },
        { MigrationSource.Prisma, U10 + "COMMIT WORK;" + U1 + "ROLLBACK TRANSACTION AND NO CHAIN;" + U100, Expected.Same, true },
        { MigrationSource.Prisma, "BEGIN ISOLATION LEVEL SERIALIZABLE;" + U10 + "COMMIT AND CHAIN; INSERT INTO t SELECT 9, (current_setting('transaction_isolation') = 'serializable')::int; COMMIT;", Expected.Same, true },
        { MigrationSource.Prisma, "CALL fill();", Expected.Same, false },
        { MigrationSource.Prisma, U10 + "COMMIT; CREATE INDEX CONCURRENTLY i ON t (v);", Expected.OursAlone, false },
        { MigrationSource.Sql, U10 + "ROLLBACK;" + U1, Expected.Same, true },
        { MigrationSource.Sql, U10 + "BEGIN;" + U1 + "ROLLBACK;" + U100, Expected.Same, true },
        { MigrationSource.Sql, "BEGIN;" + U10 + "COMMIT;" + U1, Expected.Same, true },
        { MigrationSource.Sql, "BEGIN;" + U10 + "ROLLBACK;" + U1, Expected.Same, true },
        { MigrationSource.Sql, "BEGIN;" + U10 + "BEGIN;" + U1 + "ROLLBACK;" + U100, Expected.Same, true },
        { MigrationSource.Sql, "BEGIN;" + U10 + "COMMIT AND CHAIN;" + U1 + "COMMIT;", Expected.Same, true },
        { MigrationSource.Sql, "BEGIN READ ONLY; SELECT 1; COMMIT; BEGIN;" + U10 + "COMMIT;" + U1, Expected.Same, true },
        { MigrationSource.Sql, U10 + "COMMIT AND CHAIN;" + U1, Expected.Refused, false },
        { MigrationSource.Sql, "BEGIN;" + U10, Expected.Refused, false },
        { MigrationSource.Sql, U10 + "CALL fill();" + U1, Expected.Same, true },
        { MigrationSource.Sql, U10 + "DO $$ BEGIN UPDATE t SET v = v + 1; COMMIT; END $$;" + U100, Expected.Same, true },
        { MigrationSource.Sql, "BEGIN;" + U10 + "COMMIT;" + U1 + "CALL fill();", Expected.Same, true },
        { MigrationSource.Sql, U10 + "VACUUM t;" + U1, Expected.Same, false },
        { MigrationSource.Drizzle, U10 + Cut + "COMMIT;" + Cut + U1, Expected.Same, true },
        { MigrationSource.Drizzle, U10 + Cut + "ROLLBACK;" + Cut + U1, Expected.Same, true },
        { MigrationSource.Drizzle, U10 + Cut + "COMMIT;" + Cut + U1 + Cut + "ROLLBACK;" + Cut + U100, Expected.Same, true },
        { MigrationSource.Drizzle, U10 + Cut + "COMMIT;" + Cut + U1 + "ROLLBACK;" + Cut + U100, Expected.Same, true },
        { MigrationSource.Drizzle, "BEGIN;" + Cut + U10 + Cut + "COMMIT;", Expected.Same, true },
        { MigrationSource.Drizzle, U10 + Cut + "BEGIN;" + Cut + U1, Expected.Same, true },
        { MigrationSource.Drizzle, U10 + Cut + "COMMIT AND CHAIN;" + Cut + U1 + Cut + "COMMIT;", Expected.Same, true },
        { MigrationSource.Drizzle, "COMMIT;" + Cut + "BEGIN;" + Cut + U10 + Cut + "ROLLBACK;" + Cut + U1, Expected.Same, true },
        { MigrationSource.Drizzle, U10 + "COMMIT;" + U1 + "SELECT 1 / 0;", Expected.Fails, false },
        { MigrationSource.Drizzle, U10 + Cut + "COMMIT;" + Cut + "BEGIN;" + Cut + U1, Expected.Refused, false },
    };

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task A_script_leaves_the_same_rows_as_its_migration_tool(MigrationSource source, string sql, Expected expected, bool retried)
    {
        using var shop = Write(await Shop.OpenAsync(pg, Schema), source, sql);
        var judge = await JudgeAsync(source, sql, shop);
        if (expected == Expected.Refused)
        {
            var refusal = await shop.FailsAsync(shop.Quick() with { AllowAll = true }, "DBS430");
            Assert.Contains("line ", refusal.Message, StringComparison.Ordinal);
            Assert.Equal("1:0 2:0", await RowsAsync(shop.Target));
            Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('dbsafety.steps') IS NOT NULL"));
            return;
        }

        Assert.Equal(expected == Expected.Same, judge.Succeeded);
        if (expected == Expected.Fails)
            await shop.FailsAsync(shop.Quick() with { AllowAll = true }, "DBS406");
        else
            Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick() with { AllowAll = true })).Outcome);
        Assert.Equal(judge.Rows, await RowsAsync(shop.Target));
        if (retried)
            Assert.Equal(judge.Rows, await RetriedAsync(source, sql));
    }

    /// <summary>Somebody holds the rows before the first part and again after each one, until the part has timed out.</summary>
    private async Task<string> RetriedAsync(MigrationSource source, string sql)
    {
        using var shop = Write(await Shop.OpenAsync(pg, Schema), source, sql);
        await using var holder = await shop.Target.OpenAsync(CancellationToken.None, "holder");
        var held = false;
        async Task HoldAsync(bool hold)
        {
            if (held != hold)
                await holder.ExecuteAsync(hold ? "BEGIN; SELECT FROM t FOR UPDATE" : "ROLLBACK", CancellationToken.None);
            held = hold;
        }

        await HoldAsync(true);
        using var steps = StepListener.AtEach((name, _) => name switch
        {
            Lock => HoldAsync(false),
            "migration: part of a script done" => HoldAsync(true),
            _ => Task.CompletedTask,
        });
        var run = await shop.RunAsync(shop.Quick() with { AllowAll = true, LockTimeout = TimeSpan.FromMilliseconds(100), LockRetries = 2, LockBackoff = TimeSpan.FromMilliseconds(5) });
        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.True(steps.Reached(Lock), "nothing waited for a lock");
        await HoldAsync(false);
        return await RowsAsync(shop.Target);
    }

    [Theory]
    [InlineData("BEGIN;" + U10 + "COMMIT;" + U1)]
    [InlineData(U10 + "ROLLBACK;" + U1)]
    [InlineData(U10 + "BEGIN;" + U1 + "ROLLBACK;" + U100)]
    public async Task A_script_leaves_the_same_rows_as_prisma_migrate_deploy(string sql)
    {
        using var ours = Write(await Shop.OpenAsync(pg, Schema), MigrationSource.Prisma, sql);
        using var theirs = Write(await Shop.OpenAsync(pg, Schema), MigrationSource.Prisma, sql);
        // It refuses a database with tables and no history; a migration before this one makes neither.
        await PgServer.ExecuteAsync(theirs.Target, "CREATE SCHEMA app; ALTER TABLE t SET SCHEMA app; ALTER DATABASE " + SqlName.Quote(theirs.Target.Database) + " SET search_path = public, app");
        await PrismaCli.PrepareAsync(theirs.Root, wholeScripts: true);

        var deployed = await PrismaCli.RunAsync(theirs.Root, theirs.Target, "migrate", "deploy");
        await ours.RunAsync(ours.Quick() with { AllowAll = true });

        Assert.Contains("All migrations have been successfully applied", deployed, StringComparison.Ordinal);
        await PgServer.ExecuteAsync(theirs.Target, "ALTER TABLE app.t SET SCHEMA public");
        Assert.Equal(await RowsAsync(theirs.Target), await RowsAsync(ours.Target));
    }

    [Fact]
    public async Task A_CALL_that_has_committed_is_not_retried_after_a_lock_timeout()
    {
        const string Step = "CREATE PROCEDURE step() LANGUAGE plpgsql AS $$ BEGIN UPDATE t SET v = v + 10 WHERE id = 1; COMMIT; UPDATE t SET v = v + 10 WHERE id = 2; END $$";
        using var shop = Write(await Shop.OpenAsync(pg, Schema + Step), MigrationSource.Sql, "CALL step();");
        await using var holder = await shop.Target.OpenAsync(CancellationToken.None);
        await holder.ExecuteAsync("BEGIN; SELECT FROM t WHERE id = 2 FOR UPDATE", CancellationToken.None);

        await shop.FailsAsync(shop.Quick() with { LockTimeout = TimeSpan.FromMilliseconds(100) }, "DBS406");
        Assert.Equal("1:10 2:0", await RowsAsync(shop.Target));
        await holder.ExecuteAsync("ROLLBACK", CancellationToken.None);
        // Nor is it by the next run, before somebody has looked.
        var refusal = await shop.FailsAsync(shop.Quick(), "DBS432");

        Assert.Contains("CALL step()", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("1:10 2:0", await RowsAsync(shop.Target));
        await PgServer.ExecuteAsync(shop.Target, refusal.Hint[(refusal.Hint.IndexOf("UPDATE", StringComparison.Ordinal))..refusal.Hint.IndexOf("; if none of", StringComparison.Ordinal)]);
        await shop.RunAsync(shop.Quick());
        Assert.Equal("1:10 2:0", await RowsAsync(shop.Target));
    }

    [Fact]
    public async Task A_CALL_that_a_lock_timeout_rolls_back_is_retried()
    {
        using var shop = Write(await Shop.OpenAsync(pg, Schema), MigrationSource.Prisma, "CALL fill();");
        await using var holder = await shop.Target.OpenAsync(CancellationToken.None);
        await holder.ExecuteAsync("BEGIN; SELECT FROM t FOR UPDATE", CancellationToken.None);
        using var at = StepListener.At(Lock, () => holder.ExecuteAsync("ROLLBACK", CancellationToken.None));

        await shop.RunAsync(shop.Quick() with { AllowAll = true, LockTimeout = TimeSpan.FromMilliseconds(100), LockBackoff = TimeSpan.FromMilliseconds(5) });

        Assert.True(at.Reached(Lock));
        Assert.Equal("1:2000 2:2000", await RowsAsync(shop.Target));
    }

    [Fact]
    public async Task A_script_that_resumes_in_a_new_session_gets_its_settings_again()
    {
        using var shop = Write(await Shop.OpenAsync(pg, Schema + "CREATE SCHEMA app;"), MigrationSource.Sql, "SET search_path = app, public;\n" + U10 + "COMMIT;\nCREATE TABLE made (id int); SELECT 1 / (SELECT v FROM t WHERE id = 2);");
        await PgServer.ExecuteAsync(shop.Target, "UPDATE t SET v = -10 WHERE id = 2");
        // The table is not in the first schema of the search_path, so nothing is counted.
        var request = shop.Quick() with { AllowAll = true };
        await shop.FailsAsync(request, "DBS406");
        await PgServer.ExecuteAsync(shop.Target, "UPDATE t SET v = 10 WHERE id = 2");

        await shop.RunAsync(request);

        Assert.Equal("1:10 2:10", await RowsAsync(shop.Target));
        Assert.True(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('app.made') IS NOT NULL"));
    }

    internal static Shop Write(Shop shop, MigrationSource source, string sql)
    {
        if (source == MigrationSource.Prisma)
            return shop.WithPrisma("1_a", sql);
        shop.With("0001_a.sql", sql);
        if (source == MigrationSource.Drizzle)
        {
            Directory.CreateDirectory(Path.Combine(shop.Migrations, "meta"));
            File.WriteAllText(Path.Combine(shop.Migrations, "meta", "_journal.json"), """{"version":"7","dialect":"postgresql","entries":[{"idx":0,"version":"7","when":1000,"tag":"0001_a","breakpoints":true}]}""");
        }

        return shop;
    }

    internal static Task<string> RowsAsync(DatabaseTarget target) => PgServer.ScalarAsync<string>(target, "SELECT string_agg(id || ':' || v, ' ' ORDER BY id) FROM t");

    private async Task<(bool Succeeded, string Rows)> JudgeAsync(MigrationSource source, string sql, Shop shop)
    {
        var target = await pg.CreateDatabaseAsync("judge", Schema);
        if (source == MigrationSource.Drizzle)
        {
            var output = await (await DrizzleTools.OldAsync()).MigrateAsync(shop.Migrations, target);
            return (output.StartsWith("migrated", StringComparison.Ordinal), await RowsAsync(target));
        }

        var file = Path.Combine(shop.Root, "judge.sql");
        await File.WriteAllTextAsync(file, sql);
        string[] arguments = source == MigrationSource.Prisma ? ["-X", "-q", "-c", sql] : ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file];
        var ran = await ToolProcess.RunAsync(new ToolCommand("psql", arguments) { Environment = target.ToolEnvironment() }, CancellationToken.None);
        return (ran.ExitCode == 0, await RowsAsync(target));
    }
}
