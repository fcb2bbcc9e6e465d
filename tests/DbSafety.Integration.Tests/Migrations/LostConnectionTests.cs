using System.Diagnostics;
using System.Globalization;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Connections and servers that are lost at a COMMIT and between them: the result says what the database holds, and no statement is run twice.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class LostConnectionTests(PgServer pg)
{
    private const string Schema = "CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 0), (2, 0);";

    private const string U1 = "UPDATE t SET v = v + 1;\n";
    private const string U10 = "UPDATE t SET v = v + 10;\n";
    private const string InParts = U10 + "COMMIT;\n" + U1 + "COMMIT;\nCREATE INDEX CONCURRENTLY i ON t (v);\nUPDATE t SET v = v + 100;";
    private const string Expected = "1:111 2:111";
    private const string BeforeCommit = "migration: before COMMIT";

    /// <summary>Every COMMIT of a run is cut in turn, until a run needs fewer of them.</summary>
    [Theory]
    [InlineData(MigrationSource.Prisma, false)]
    [InlineData(MigrationSource.Prisma, true)]
    [InlineData(MigrationSource.Drizzle, false)]
    [InlineData(MigrationSource.Drizzle, true)]
    [InlineData(MigrationSource.Sql, false)]
    [InlineData(MigrationSource.Sql, true)]
    public async Task Outcome_of_a_COMMIT_with_a_lost_connection_is_determined(MigrationSource source, bool afterAnswer)
    {
        foreach (var sql in new[] { U10 + U1 + "UPDATE t SET v = v + 100;", InParts })
        {
            var cuts = 0;
            for (var cut = true; cut; cuts++)
            {
                using var shop = ScriptTransactionTests.Write(await Shop.OpenAsync(pg, Schema), source, sql);
                using var proxy = new CutProxy(shop.Target, "COMMIT", cuts + 1, afterAnswer);
                // The first COMMIT is that of the history table, before any script.
                await RunAndCheckAsync(shop, proxy.Target, committed: cuts == 0 ? null : afterAnswer);
                cut = proxy.HasCut;
            }

            // The history table, its parts, and the two of its beginning and end.
            Assert.Equal(sql == InParts ? 6 : 2, cuts - 1);
        }
    }

    [Theory]
    [InlineData("migration: transaction begun", 1)]
    [InlineData("migration: transaction begun", 2)]
    [InlineData("migration: transaction begun", 3)]
    [InlineData("migration: transaction begun", 5)]
    [InlineData(BeforeCommit, 1)]
    [InlineData(BeforeCommit, 2)]
    [InlineData(BeforeCommit, 4)]
    [InlineData(BeforeCommit, 5)]
    [InlineData("migration: committed", 1)]
    [InlineData("migration: committed", 2)]
    [InlineData("migration: part of a script done", 1)]
    [InlineData("migration: part of a script done", 3)]
    public async Task Session_terminated_by_an_administrator_leaves_no_partially_applied_script_part(string point, int occurrence)
    {
        using var shop = ScriptTransactionTests.Write(await Shop.OpenAsync(pg, Schema), MigrationSource.Sql, InParts);
        using var at = StepListener.At(point, () => EndNewestSessionAsync(shop.Target), occurrence);
        await RunAndCheckAsync(shop, shop.Target, committed: null);
        Assert.True(at.Reached(point));
    }

    [Fact]
    public async Task Index_created_before_the_connection_was_lost_is_detected()
    {
        using var shop = ScriptTransactionTests.Write(await Shop.OpenAsync(pg, Schema), MigrationSource.Sql, InParts);
        using var proxy = new CutProxy(shop.Target, "CREATE INDEX CONCURRENTLY i ON t (v)", 1, afterAnswer: true);

        var run = await shop.RunAsync(Quick(shop) with { Target = proxy.Target });

        Assert.True(proxy.HasCut);
        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.Contains("an earlier run has already executed this statement: CREATE INDEX CONCURRENTLY", shop.Events.Text, StringComparison.Ordinal);
        Assert.Equal(Expected, await ScriptTransactionTests.RowsAsync(shop.Target));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CALL_with_a_lost_connection_has_an_unknown_outcome_and_is_not_repeated(bool afterAnswer)
    {
        const string Fill = "CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..2 LOOP UPDATE t SET v = v + 1000; COMMIT; END LOOP; END $$";
        using var shop = ScriptTransactionTests.Write(await Shop.OpenAsync(pg, Schema + Fill), MigrationSource.Sql, "CALL fill();");
        using var proxy = new CutProxy(shop.Target, "CALL fill()", 1, afterAnswer);

        var failure = await shop.FailsAsync(Quick(shop) with { Target = proxy.Target }, "DBS431");
        Unknown(shop, failure);
        var rows = await ScriptTransactionTests.RowsAsync(shop.Target);
        Assert.Equal(afterAnswer ? "1:2000 2:2000" : "1:0 2:0", rows);
        await shop.FailsAsync(Quick(shop), "DBS432");
        Assert.Equal(rows, await ScriptTransactionTests.RowsAsync(shop.Target));
    }

    [Fact]
    public async Task Outcome_is_unknown_when_the_server_crashes_at_COMMIT_and_stays_unavailable()
    {
        await using var server = await StartAsync();
        using var shop = await ShopOnAsync(server, U10);
        using var at = StepListener.At(BeforeCommit, () => KillAsync(server));

        var failure = await shop.FailsAsync(Quick(shop) with { OutcomeWait = TimeSpan.FromMilliseconds(300) }, "DBS431");

        Unknown(shop, failure);
        Assert.Contains("pg_xact_status('", failure.Hint, StringComparison.Ordinal);
        await StartAgainAsync(server);
        Assert.Equal("1:0 2:0", await ScriptTransactionTests.RowsAsync(shop.Target));
        await shop.RunAsync(Quick(shop));
        Assert.Equal("1:10 2:10", await ScriptTransactionTests.RowsAsync(shop.Target));
    }

    [Fact]
    public async Task Outcome_is_rolled_back_when_the_server_crashes_before_COMMIT_and_restarts()
    {
        await using var server = await StartAsync();
        using var shop = await ShopOnAsync(server, U10);
        using var at = StepListener.AtEach((name, _) => name switch
        {
            BeforeCommit => KillAsync(server),
            "migration: connection lost" => StartAgainAsync(server),
            _ => Task.CompletedTask,
        });

        await shop.FailsAsync(Quick(shop), "DBS104");

        Assert.Equal(SafeMigrationOutcome.RolledBack, Outcome(shop));
        Assert.Equal("1:0 2:0", await ScriptTransactionTests.RowsAsync(shop.Target));
        Assert.Equal("0001_a.sql:Pending", await shop.StatesAsync());
    }

    [Fact]
    public async Task Outcome_is_applied_when_the_server_crashes_after_COMMIT_and_restarts()
    {
        await using var server = await StartAsync();
        using var shop = await ShopOnAsync(server, U10);
        using var proxy = new CutProxy(shop.Target, "COMMIT", 2, afterAnswer: true, () => KillAsync(server).GetAwaiter().GetResult());
        using var at = StepListener.At("migration: connection lost", () => StartAgainAsync(server));

        var run = await shop.RunAsync(Quick(shop) with { Target = proxy.Target });

        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.Contains("the server reports that the transaction was committed", shop.Events.Text, StringComparison.Ordinal);
        Assert.Equal("1:10 2:10", await ScriptTransactionTests.RowsAsync(shop.Target));
        Assert.Equal("0001_a.sql:Applied", await shop.StatesAsync());
    }

    [Fact]
    public async Task Script_stops_when_the_migration_history_changes_between_two_parts()
    {
        using var shop = ScriptTransactionTests.Write(await Shop.OpenAsync(pg, Schema), MigrationSource.Sql, U10 + "COMMIT;\n" + U1);
        using var at = StepListener.At("migration: part of a script done", () => PgServer.ExecuteAsync(shop.Target, "INSERT INTO dbsafety.migrations (name, checksum, applied_at) VALUES ('0009_other.sql', 'x', now())"));

        await shop.FailsAsync(Quick(shop), "DBS422");

        Assert.Equal("1:10 2:10", await ScriptTransactionTests.RowsAsync(shop.Target));
        await PgServer.ExecuteAsync(shop.Target, "DELETE FROM dbsafety.migrations WHERE name = '0009_other.sql'");
        await shop.RunAsync(Quick(shop));
        Assert.Equal("1:11 2:11", await ScriptTransactionTests.RowsAsync(shop.Target));
    }

    /// <summary>What the run says is true, and a second one completes it without doing anything twice.</summary>
    /// <param name="committed">How the transaction ended whose COMMIT was cut; null: not known here.</param>
    private static async Task RunAndCheckAsync(Shop shop, DatabaseTarget through, bool? committed)
    {
        try
        {
            var run = await shop.RunAsync(Quick(shop) with { Target = through });
            Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        }
        catch (DbSafetyException e)
        {
            Assert.True(committed is not true, $"{e}\n{shop.Events.Text}");
            Assert.Equal("DBS104", e.Code);
            var rows = await ScriptTransactionTests.RowsAsync(shop.Target);
            Assert.Equal(rows == "1:0 2:0" ? SafeMigrationOutcome.RolledBack : SafeMigrationOutcome.Failed, Outcome(shop));
            if (rows != Expected)
                Assert.DoesNotContain("Applied", await shop.StatesAsync(), StringComparison.Ordinal);
            await shop.RunAsync(Quick(shop));
        }

        Assert.Equal(Expected, await ScriptTransactionTests.RowsAsync(shop.Target));
        Assert.EndsWith(":Applied", await shop.StatesAsync(), StringComparison.Ordinal);
        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('dbsafety.steps') IS NOT NULL"));
    }

    private static SafeMigrationRequest Quick(Shop shop) => shop.Quick() with { AllowAll = true };

    private static SafeMigrationOutcome Outcome(Shop shop) => shop.Events.All.OfType<SafeMigrationFailedEvent>().Last().Run.Outcome;

    private static void Unknown(Shop shop, DbSafetyException failure)
    {
        Assert.Equal(SafeMigrationOutcome.Unknown, Outcome(shop));
        Assert.Contains("unknown", failure.Message, StringComparison.Ordinal);
        var reported = string.Join('\n', [failure.Message, failure.Hint, shop.Events.Text, .. shop.Events.All.OfType<MigrationStageEvent>().Select(s => s.Stage.Evidence)]);
        Assert.DoesNotContain("rolled back", reported, StringComparison.Ordinal);
        Assert.DoesNotContain("as they were", reported, StringComparison.Ordinal);
    }

    /// <summary>The session that runs the scripts is younger than the one that looks at production.</summary>
    private static Task EndNewestSessionAsync(DatabaseTarget target) => PgServer.ExecuteAsync(target,
        """
        SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'dbsafety migration run'
        ORDER BY backend_start DESC LIMIT 1
        """);

    private static Task<ScratchServer> StartAsync() => ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None, "synchronous_commit=on", "full_page_writes=on");

    private static async Task<Shop> ShopOnAsync(ScratchServer server, string sql)
    {
        await PgServer.ExecuteAsync(server.Target, Schema);
        return ScriptTransactionTests.Write(Shop.At(server.Target), MigrationSource.Sql, sql);
    }

    private static async Task KillAsync(ScratchServer server)
    {
        var pid = int.Parse((await File.ReadAllLinesAsync(Path.Combine(server.DataFolder, "postmaster.pid")))[0], CultureInfo.InvariantCulture);
        using var postmaster = Process.GetProcessById(pid);
        // Its children first: one that goes on for a moment could still answer.
        foreach (var child in Directory.EnumerateDirectories("/proc").Select(d => Path.Combine(d, "stat")).Where(f => IsChildOf(f, pid)).ToList())
            Kill(int.Parse(child.Split('/')[2], CultureInfo.InvariantCulture));
        postmaster.Kill();
        // Where nobody collects it, it stays in the list of processes.
        await Wait.UntilAsync(async () => !File.Exists($"/proc/{pid}/stat") || (await File.ReadAllTextAsync($"/proc/{pid}/stat")).Contains(") Z ", StringComparison.Ordinal));
        File.Delete(Path.Combine(server.DataFolder, "postmaster.pid"));
    }

    private static void Kill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself.
        }
    }

    private static bool IsChildOf(string stat, int parent)
    {
        try
        {
            return File.ReadAllText(stat) is var text && text[(text.LastIndexOf(')') + 2)..].Split(' ')[1] == parent.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    /// <summary>The lock file of the killed server is in the way for a moment where one of its processes still ends.</summary>
    private static async Task StartAgainAsync(ScratchServer server)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await server.StartAgainAsync(CancellationToken.None);
                return;
            }
            catch (DbSafetyException) when (tries < 50)
            {
                await Task.Delay(100);
            }
        }
    }
}
