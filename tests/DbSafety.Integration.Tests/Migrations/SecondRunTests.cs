using System.Text.Json;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>A migration that somebody else applies while this run prepares does not run twice.</summary>
[Collection(ScriptServerGroup.Name)]
public sealed class SecondRunTests(PgServer pg)
{
    private const string Schema = "CREATE TABLE goods (id int PRIMARY KEY, price int); INSERT INTO goods SELECT i, i FROM generate_series(0, 5) i;";

    private const string Raise = "UPDATE goods SET price = price * 100 WHERE id > 0;";

    private const string Sum = "SELECT sum(price) FROM goods";

    [Theory]
    [InlineData("migrate: back up finished")]
    [InlineData("migrate: rehearse finished")]
    [InlineData("migrate: history to be locked")]
    public async Task A_migration_that_Drizzle_applies_while_a_run_prepares_is_not_applied_again(string point)
    {
        var tools = await DrizzleTools.OldAsync();
        using var shop = Drizzle(await Shop.OpenAsync(pg, Schema), ("0000_init", "CREATE TABLE first (id int);"), ("0001_raise", Raise));
        using var at = StepListener.At(point, async () => Assert.StartsWith("migrated", await tools.MigrateAsync(shop.Migrations, shop.Target), StringComparison.Ordinal));

        var refusal = await shop.FailsAsync(shop.Request(), "DBS422");

        Assert.Contains("0001_raise was applied by another run", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1500, await PgServer.ScalarAsync<long>(shop.Target, Sum));
        Assert.Equal("0000_init:Applied 0001_raise:Applied", await shop.StatesAsync());
        Assert.Equal(SafeMigrationOutcome.NothingToDo, (await shop.RunAsync(shop.Quick())).Outcome);
    }

    [Fact]
    public async Task A_migration_that_Drizzle_applies_between_two_migrations_of_a_run_is_not_applied_again()
    {
        var tools = await DrizzleTools.OldAsync();
        using var shop = Drizzle(await Shop.OpenAsync(pg, Schema), ("0000_init", "CREATE TABLE first (id int);"), ("0001_raise", Raise));
        using var at = StepListener.At("migrate: history to be locked", async () => Assert.StartsWith("migrated", await tools.MigrateAsync(shop.Migrations, shop.Target), StringComparison.Ordinal), 2);

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS422");

        Assert.Contains("0001_raise was applied by another run", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("0001_raise was not run", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(1500, await PgServer.ScalarAsync<long>(shop.Target, Sum));
    }

    [Fact]
    public async Task Drizzle_waits_for_a_running_migration_and_then_skips_it()
    {
        var tools = await DrizzleTools.OldAsync();
        using var shop = Drizzle(await Shop.OpenAsync(pg, Schema), ("0000_init", "CREATE TABLE first (id int);"), ("0001_raise", Raise));
        await shop.RunAsync(shop.Quick());
        Drizzle(shop, ("0000_init", "CREATE TABLE first (id int);"), ("0001_raise", Raise), ("0002_again", Raise));
        Task<string>? other = null;
        using var at = StepListener.At("migrate: history checked", async () =>
        {
            other = tools.MigrateAsync(shop.Migrations, shop.Target);
            await BlockedAsync(shop.Target);
        });

        Assert.Equal(["0002_again"], (await shop.RunAsync(shop.Quick())).Applied);

        Assert.StartsWith("migrated", await other!, StringComparison.Ordinal);
        Assert.Equal(150000, await PgServer.ScalarAsync<long>(shop.Target, Sum));
    }

    [Fact]
    public async Task A_migration_that_another_tool_applies_a_second_time_is_reported()
    {
        using var shop = Drizzle(await Shop.OpenAsync(pg, Schema), ("0000_init", "CREATE TABLE first (id int);"));
        await shop.RunAsync(shop.Quick());
        Drizzle(shop, ("0000_init", "CREATE TABLE first (id int);"), ("0001_raise", Raise));
        using var at = StepListener.At("migrate: apply finished", () => PgServer.ExecuteAsync(shop.Target, Raise + "INSERT INTO drizzle.__drizzle_migrations (hash, created_at) SELECT hash, created_at FROM drizzle.__drizzle_migrations ORDER BY id DESC LIMIT 1"));

        await shop.RunAsync(shop.Quick());

        Assert.Contains("0001_raise was applied a second time by another run", shop.Events.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Raise)]
    [InlineData(Raise + " CREATE INDEX CONCURRENTLY prices ON goods (price);")]
    [InlineData("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; " + Raise)]
    public async Task A_SQL_file_that_another_run_records_is_not_applied_again(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_init.sql", "CREATE TABLE first (id int);");
        await shop.RunAsync(shop.Quick());
        shop.With("2_raise.sql", sql);
        using var at = StepListener.At("migrate: history to be locked", () => PgServer.ExecuteAsync(shop.Target, Raise + "INSERT INTO dbsafety.migrations (name, checksum, applied_at) VALUES ('2_raise.sql', 'x', now())"));

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS422");

        Assert.Contains("2_raise.sql was applied by another run", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1500, await PgServer.ScalarAsync<long>(shop.Target, Sum));
    }

    [Fact]
    public async Task A_migration_that_another_run_records_during_a_resolve_is_not_recorded_twice()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_init.sql", "CREATE TABLE first (id int);");
        await shop.RunAsync(shop.Quick());
        shop.With("2_raise.sql", Raise);
        using var at = StepListener.At("migration resolve: history to be locked", () => PgServer.ExecuteAsync(shop.Target, "INSERT INTO dbsafety.migrations (name, checksum, applied_at) VALUES ('2_raise.sql', 'x', now())"));

        var request = new MigrationResolveRequest(shop.Migrations, shop.Target, "2_raise.sql", MigrationResolution.Applied);
        var refusal = await Assert.ThrowsAsync<DbSafetyException>(() => new ResolveMigration().RunAsync(request, shop.Events, CancellationToken.None));

        Assert.Contains("already recorded as applied", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, await PgServer.ScalarAsync<long>(shop.Target, "SELECT count(*) FROM dbsafety.migrations WHERE name = '2_raise.sql'"));
    }

    [Fact]
    public async Task Two_tools_that_create_the_migration_history_concurrently_create_a_single_history()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_raise.sql", Raise);
        await using var other = await shop.Target.OpenAsync(CancellationToken.None);
        await other.ExecuteAsync("BEGIN; CREATE SCHEMA dbsafety", CancellationToken.None);
        var run = shop.RunAsync(shop.Quick());
        await BlockedAsync(shop.Target);
        await other.ExecuteAsync("COMMIT", CancellationToken.None);

        Assert.Equal(["1_raise.sql"], (await run).Applied);
    }

    [Fact]
    public async Task Prisma_waits_until_the_run_finishes_and_a_migration_recorded_without_its_lock_is_not_applied_again()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).WithPrisma("1_init", "CREATE TABLE first (id int);");
        await shop.RunAsync(shop.Quick());
        shop.WithPrisma("2_raise", Raise);
        await PrismaCli.PrepareAsync(shop.Root);
        using var at = StepListener.At("migrate: rehearse finished", async () =>
        {
            Assert.Contains("advisory lock", await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "deploy"), StringComparison.Ordinal);
            // As Prisma does it with PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK.
            await PgServer.ExecuteAsync(shop.Target, Raise + "INSERT INTO _prisma_migrations (id, checksum, started_at, finished_at, migration_name, applied_steps_count) VALUES ('x', 'y', now(), now(), '2_raise', 1)");
        });

        var refusal = await shop.FailsAsync(shop.Request() with { SkipBackup = true }, "DBS422");

        Assert.Contains("2_raise was applied by another run", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1500, await PgServer.ScalarAsync<long>(shop.Target, Sum));
    }

    [Fact]
    public async Task A_run_that_lost_its_lock_does_not_apply_migrations_that_a_second_run_applied()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_raise.sql", Raise);
        using var at = StepListener.At("migrate: gate finished", async () =>
        {
            await PgServer.ExecuteAsync(pg.Target, "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name LIKE 'dbsafety migration run by %'");
            Assert.Equal(["1_raise.sql"], (await shop.RunAsync(shop.Quick())).Applied);
        });

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS422");

        Assert.Contains("1_raise.sql was applied by another run", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1500, await PgServer.ScalarAsync<long>(shop.Target, Sum));
    }

    [Fact]
    public async Task The_lock_timeout_limits_the_wait_for_a_tool_that_locks_the_migration_history()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_raise.sql", Raise);
        await using var tool = await shop.Target.OpenAsync(CancellationToken.None, "another tool");
        using var at = StepListener.At("migrate: history to be locked", async () => await tool.ExecuteAsync("BEGIN; LOCK TABLE dbsafety.migrations IN ACCESS SHARE MODE", CancellationToken.None));

        var failure = await shop.FailsAsync(shop.Quick() with { LockTimeout = TimeSpan.FromMilliseconds(700), LockRetries = 1 }, "DBS114");

        Assert.Contains("another tool", failure.Message, StringComparison.Ordinal);
        Assert.Equal(15, await PgServer.ScalarAsync<long>(shop.Target, Sum));
    }

    private static Task BlockedAsync(DatabaseTarget target) =>
        Wait.UntilAsync(() => PgServer.ScalarAsync<bool>(target, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"));

    private static Shop Drizzle(Shop shop, params (string Tag, string Sql)[] migrations)
    {
        foreach (var (tag, sql) in migrations)
            shop.With(tag + ".sql", sql);
        Directory.CreateDirectory(Path.Combine(shop.Migrations, "meta"));
        var entries = migrations.Select((m, i) => new { idx = i, version = "7", when = 1000 * (i + 1), tag = m.Tag, breakpoints = true });
        File.WriteAllText(Path.Combine(shop.Migrations, "meta", "_journal.json"), JsonSerializer.Serialize(new { version = "7", dialect = "postgresql", entries }));
        return shop;
    }
}
