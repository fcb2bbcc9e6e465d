using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests.Migrations;

[Collection(MigrationServerGroup.Name)]
public sealed class MigrationHazardTests(PgServer pg)
{
    [Fact]
    [Hazard("H21")]
    public async Task Out_of_order_migration_is_reported_and_rejected()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "SELECT 1;").With("3_c.sql", "SELECT 3;");
        await shop.RunAsync(shop.Quick());
        shop.With("2_b.sql", "SELECT 2;");

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS402");

        Assert.Contains("2_b.sql is out of order", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("3_c.sql", refusal.Hint, StringComparison.Ordinal);
    }

    [Fact]
    [Hazard("H23")]
    public async Task Invalid_index_is_reported_and_dropped_on_the_next_attempt()
    {
        const string Index = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS products_once ON products (note);";
        using var shop = (await Shop.OpenAsync(pg, Shop.Schema + "UPDATE products SET note = 'same';")).With("1_index.sql", Index);
        await shop.FailsAsync(shop.Quick(), "DBS406");
        Assert.Contains("index products_once is invalid", shop.Events.Text, StringComparison.Ordinal);
        Assert.Equal("1_index.sql:Failed", await shop.StatesAsync());

        await PgServer.ExecuteAsync(shop.Target, "UPDATE products SET note = id");
        await new ResolveMigration().RunAsync(new MigrationResolveRequest(shop.Migrations, shop.Target, "1_index.sql", MigrationResolution.RolledBack), shop.Events, CancellationToken.None);
        Assert.Equal("1_index.sql:RolledBack", await shop.StatesAsync());
        await shop.RunAsync(shop.Quick());

        Assert.Contains("dropped the invalid index public.products_once", shop.Events.Text, StringComparison.Ordinal);
        Assert.True(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'products_once'::regclass"));
        Assert.Equal("1_index.sql:Applied", await shop.StatesAsync());
    }

    [Theory]
    [InlineData("CREATE ROLE anybody PASSWORD 'S3cretPw' IN ROLE nobody_of_that_name")]
    [InlineData("CREATE INDEX CONCURRENTLY by_note ON products (note);\nALTER ROLE nobody_of_that_name WITH ENCRYPTED PASSWORD $$S3cretPw$$")]
    [InlineData("CREATE USER MAPPING FOR postgres SERVER no_server OPTIONS (user 'u', password 'it''s S3cretPw')")]
    public async Task Password_in_a_failed_statement_is_neither_shown_nor_recorded(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_role.sql", sql + ";");

        var failure = await shop.FailsAsync(shop.Quick(), "DBS406");

        Assert.DoesNotContain("S3cretPw", failure + shop.Events.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("S3cretPw", await PgServer.ScalarAsync<string>(shop.Target, "SELECT coalesce(string_agg(m::text, ' '), '') FROM dbsafety.migrations m"), StringComparison.Ordinal);
    }

    [Fact]
    [Hazard("H22")]
    public async Task Lock_timeout_is_an_error_that_reports_the_blocking_session()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "ALTER TABLE products ADD COLUMN x int;");
        await using var holder = await shop.Target.OpenAsync(CancellationToken.None, "the slow report");
        await using var transaction = await holder.BeginTransactionAsync();
        await holder.ExecuteAsync("LOCK TABLE products IN ACCESS SHARE MODE", CancellationToken.None);

        var failure = await shop.FailsAsync(shop.Quick() with { LockTimeout = TimeSpan.FromMilliseconds(700), LockRetries = 1 }, "DBS114");

        Assert.Contains($"pid {holder.ProcessID}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the slow report", failure.Message, StringComparison.Ordinal);
        Assert.Equal("1_a.sql:Pending", await shop.StatesAsync());
    }

    [Fact]
    [Hazard("H22")]
    public async Task Retry_succeeds_after_the_blocking_session_ends()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "ALTER TABLE products ADD COLUMN x int;");
        await using var holder = await shop.Target.OpenAsync(CancellationToken.None);
        await using var transaction = await holder.BeginTransactionAsync();
        await holder.ExecuteAsync("LOCK TABLE products IN ACCESS SHARE MODE", CancellationToken.None);
        var events = new ReactingEvents(e => e is MessageEvent { Level: MessageLevel.Warning } m && m.Text.Contains("is retried", StringComparison.Ordinal), () => transaction.Rollback());

        var run = await new RunSafeMigration().RunAsync(shop.Quick() with { LockTimeout = TimeSpan.FromMilliseconds(300) }, events, CancellationToken.None);

        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.Contains("after 1 retries", run.Stages.Single(s => s.Name == "apply").Evidence, StringComparison.Ordinal);
    }

    [Fact]
    [Hazard("H24")]
    public async Task Second_run_fails_immediately_and_reports_the_active_run()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int);");
        DbSafetyException? second = null;
        var events = new ReactingEvents(e => e is MigrationStageEvent { Stage.Name: "gate" }, () => second = shop.FailsAsync(shop.Quick(), "DBS115").GetAwaiter().GetResult());

        var run = await new RunSafeMigration().RunAsync(shop.Quick(), events, CancellationToken.None);

        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.Contains($"migration run by {Environment.UserName}", second!.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Hazard("H24")]
    public async Task Run_is_rejected_while_Prisma_Migrate_runs()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_a", "CREATE TABLE made (id int);");
        await using var prisma = await shop.Target.OpenAsync(CancellationToken.None, "prisma");
        await prisma.ExecuteAsync("SELECT pg_advisory_lock(72707369)", CancellationToken.None);

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS115");

        Assert.Contains($"Prisma Migrate (pid {prisma.ProcessID}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Hazard("H25")]
    public async Task Cancelled_run_is_rolled_back()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int);\nSELECT pg_sleep(600);");
        using var stop = new CancellationTokenSource();
        var running = new RunSafeMigration().RunAsync(shop.Quick(), shop.Events, stop.Token);
        await WhenSleepingAsync(shop.Target);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('made') IS NOT NULL"));
        Assert.Equal("1_a.sql:Pending", await shop.StatesAsync());
    }

    [Fact]
    [Hazard("H27")]
    public async Task Run_with_a_terminated_session_is_rolled_back()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "CREATE TABLE made (id int);\nSELECT pg_sleep(600);");
        var running = shop.FailsAsync(shop.Quick(), "DBS104");
        var pid = await WhenSleepingAsync(shop.Target);
        await PgServer.ExecuteAsync(shop.Target, $"SELECT pg_terminate_backend({pid})");

        await running;

        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('made') IS NOT NULL"));
        Assert.Equal("1_a.sql:Pending", await shop.StatesAsync());
    }

    /// <summary>Waits until the migration has come to its sleep, and gives its process id.</summary>
    private static async Task<int> WhenSleepingAsync(DatabaseTarget target)
    {
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var pid = 0;
        await Wait.UntilAsync(async () => (pid = await connection.ScalarAsync<int>("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep' AND pid <> pg_backend_pid()", CancellationToken.None)) != 0);
        return pid;
    }

    /// <summary>Does something the first time an event comes by, before the operation goes on.</summary>
    private sealed class ReactingEvents(Func<OperationEvent, bool> when, Action then) : IOperationEvents
    {
        private int done;

        public void Raise(OperationEvent operationEvent)
        {
            if (when(operationEvent) && Interlocked.Exchange(ref done, 1) == 0)
                then();
        }
    }
}
