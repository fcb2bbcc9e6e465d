using DbSafety.Databases.Connections;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>How long a run keeps others waiting is limited, whatever its scripts set and whatever becomes of the tool.</summary>
[Collection(ScriptServerGroup.Name)]
public sealed class ScriptLimitsTests(PgServer pg)
{
    /// <summary>The tool stands still here, as one does that is stopped or whose machine sleeps, until its session is gone.</summary>
    [Theory]
    [InlineData("ALTER TABLE products ADD COLUMN x int;", "migration: before COMMIT", 1)]
    [InlineData("SET idle_in_transaction_session_timeout = 0; ALTER TABLE products ADD COLUMN x int;", "migration: before COMMIT", 1)]
    [InlineData("SELECT 1;\nCOMMIT;\nALTER TABLE products ADD COLUMN x int;", "migration: before COMMIT", 3)]
    [InlineData("SET idle_in_transaction_session_timeout = 0;\nCOMMIT;\nALTER TABLE products ADD COLUMN x int;", "migration: before COMMIT", 3)]
    [InlineData("ALTER TABLE products ADD COLUMN x int;\nSELECT set_config('idle_in_transaction_session_timeout', '0', false);", "migration: before COMMIT", 1)]
    [InlineData("ALTER TABLE products ADD COLUMN x int;", "migration: transaction begun", 1)]
    public async Task A_run_that_stops_responding_loses_its_locks(string sql, string point, int occurrence)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", sql);
        var ended = false;
        using var at = StepListener.At(point, async () => ended = await IsEndedAsync(shop.Target), occurrence);

        await shop.FailsAsync(shop.Quick() with { IdleLimit = TimeSpan.FromMilliseconds(300) }, "DBS104");

        Assert.True(ended);
        Assert.Equal(0, await PgServer.ScalarAsync<long>(shop.Target, "SELECT count(*) FROM pg_attribute WHERE attrelid = 'products'::regclass AND attname = 'x'"));
        await shop.RunAsync(shop.Quick());
        Assert.EndsWith(":Applied", await shop.StatesAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SET lock_timeout = 0;")]
    [InlineData("SET LOCAL lock_timeout = '1h';")]
    [InlineData("SELECT pg_catalog.set_config('lock_timeout', '0', false);")]
    [InlineData("DO $$ BEGIN SET lock_timeout = 0; END $$;")]
    [InlineData("SELECT lift();")]
    [InlineData("RESET lock_timeout;")]
    [InlineData("RESET ALL;")]
    [InlineData("SET lock_timeout TO DEFAULT; SET statement_timeout = 0; SET client_min_messages = warning;")]
    [InlineData("SET lock_timeout = 0;\nCOMMIT;\nSELECT 1;")]
    [InlineData("SET lock_timeout = 0;\nSET TRANSACTION ISOLATION LEVEL REPEATABLE READ;\nSELECT 1;")]
    public async Task The_lock_timeout_of_the_run_applies_even_if_a_script_disables_it(string first)
    {
        using var shop = (await Shop.OpenAsync(pg, Shop.Schema + "CREATE FUNCTION lift() RETURNS text LANGUAGE sql AS $$ SELECT set_config('lock_timeout', '0', false) $$;"))
            .With("1_a.sql", first + "\nALTER TABLE products ADD COLUMN x int;");
        await using var holder = await shop.Target.OpenAsync(CancellationToken.None, "the slow report");
        await holder.ExecuteAsync("BEGIN; LOCK TABLE products IN ACCESS SHARE MODE", CancellationToken.None);

        var failure = await shop.FailsAsync(shop.Quick() with { LockTimeout = TimeSpan.FromMilliseconds(700), LockRetries = 1 }, "DBS114").WaitAsync(TimeSpan.FromMinutes(3));

        Assert.Contains("the slow report", failure.Message, StringComparison.Ordinal);
        if (!first.Contains("TRANSACTION", StringComparison.Ordinal))
            Assert.Equal(1, shop.Events.Text.Split("sets lock_timeout to 0").Length - 1);
    }

    [Fact]
    public async Task A_shorter_lock_timeout_of_the_script_is_preserved()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "SET lock_timeout = '1234ms';\nSELECT 1;\nCREATE TABLE made AS SELECT current_setting('lock_timeout') AS t;");
        await shop.RunAsync(shop.Quick());
        Assert.Equal(1, await shop.CountAsync("made WHERE t = '1234ms'"));
        Assert.DoesNotContain("sets lock_timeout", shop.Events.Text, StringComparison.Ordinal);
    }

    /// <summary>Neither at the beginning nor at the end, where something has gone, is it waited for.</summary>
    [Theory]
    [InlineData("ALTER TABLE products ADD COLUMN x int;", true)]
    [InlineData("DO $$ BEGIN DROP TABLE nothing; END $$;", true)]
    [InlineData("SELECT 1;\nCOMMIT;\nALTER TABLE products ADD COLUMN x int;", true)]
    [InlineData("ALTER TABLE products ADD COLUMN x int;", false)]
    public async Task A_run_does_not_wait_for_a_locked_table_that_the_script_does_not_use(string sql, bool isGranted)
    {
        using var shop = (await Shop.OpenAsync(pg, Shop.Schema + "CREATE TABLE other AS SELECT 1 AS id;")).With("1_a.sql", sql);
        await using var reader = await shop.Target.OpenAsync(CancellationToken.None);
        await using var holder = await shop.Target.OpenAsync(CancellationToken.None, "the other deployment");
        Task? waiting = null;
        using var at = StepListener.At("migrate: gate finished", async () =>
        {
            if (!isGranted)
                await reader.ExecuteAsync("BEGIN; LOCK TABLE other IN ACCESS SHARE MODE", CancellationToken.None);
            waiting = holder.ExecuteAsync("BEGIN; LOCK TABLE other IN ACCESS EXCLUSIVE MODE", CancellationToken.None);
            await Wait.UntilAsync(() => PgServer.ScalarAsync<bool>(shop.Target, $"SELECT count(*) > 0 FROM pg_locks WHERE relation = 'other'::regclass AND mode = 'AccessExclusiveLock' AND granted = {isGranted}"));
        });

        var run = await shop.RunAsync(shop.Quick() with { LockTimeout = TimeSpan.FromMilliseconds(700), LockRetries = 0 });

        Assert.NotNull(waiting);
        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        await reader.CloseAsync();
        await waiting;
    }

    /// <summary>It ran outside a transaction and cannot be rolled back: its rows are counted once they can be.</summary>
    [Fact]
    public async Task A_row_count_that_is_blocked_by_a_lock_is_retried_and_the_lock_holder_is_reported()
    {
        using var shop = (await Shop.OpenAsync(pg, Shop.Schema + "CREATE TABLE other AS SELECT 1 AS id; CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO nothing VALUES (1); COMMIT; END $$;"))
            .With("1_a.sql", "CALL p();");
        await using var holder = await shop.Target.OpenAsync(CancellationToken.None, "the other deployment");
        using var at = StepListener.AtEach(async (name, times) =>
        {
            if (name == "migrate: gate finished")
                await holder.ExecuteAsync("BEGIN; LOCK TABLE other IN ACCESS EXCLUSIVE MODE", CancellationToken.None);
            else if (name == "migration: lock timeout" && times == 1)
                await holder.ExecuteAsync("COMMIT", CancellationToken.None);
        });

        var run = await shop.RunAsync(shop.Quick() with { LockTimeout = TimeSpan.FromMilliseconds(700), LockRetries = 2 });

        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.Contains("the other deployment", shop.Events.Text, StringComparison.Ordinal);
        Assert.Equal(1, await shop.CountAsync("nothing"));
    }

    /// <summary>Looks for the transaction of the script for 10 s: without a limit it stays for ever.</summary>
    private static async Task<bool> IsEndedAsync(DatabaseTarget target)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            if (!await PgServer.ScalarAsync<bool>(target, "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'dbsafety migration run' AND state LIKE 'idle in transaction%'"))
                return true;
            await Task.Delay(100);
        }

        return false;
    }
}
