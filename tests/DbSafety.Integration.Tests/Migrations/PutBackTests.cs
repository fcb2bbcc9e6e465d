using DbSafety.Migrations;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>What is done about a run that failed after something of it had been committed.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class PutBackTests(PgServer pg)
{
    [Fact]
    public async Task What_was_committed_of_a_failed_run_is_put_back_on_demand()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 0;").With("2_b.sql", "SELECT 1 / 0;");

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true, OnFailure = FailureAction.Restore }, "DBS406");

        Assert.Contains("The backup of before was restored", failure.Hint, StringComparison.Ordinal);
        Assert.Equal(0, await shop.CountAsync("products WHERE name = 'new'"));
        Assert.Equal("1_a.sql:Pending 2_b.sql:Pending", await shop.StatesAsync());
        var ended = Assert.Single(shop.Events.All.OfType<SafeMigrationFailedEvent>());
        Assert.Equal(SafeMigrationOutcome.PutBack, ended.Run.Outcome);
    }

    [Theory]
    [InlineData(false, SafeMigrationOutcome.PutBack)]
    [InlineData(true, SafeMigrationOutcome.Failed)]
    public async Task Left_to_itself_it_puts_back_unless_others_have_written_meanwhile(bool others, SafeMigrationOutcome outcome)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 0;").With("2_b.sql", "SELECT 1 / 0;");
        if (others)
            shop.With("1_b.sql", "CREATE EXTENSION dblink; SELECT dblink_exec('dbname=' || current_database() || ' user=' || current_user || ' host=' || split_part(current_setting('unix_socket_directories'), ',', 1) || ' port=' || current_setting('port'), 'INSERT INTO nothing VALUES (1)');");

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.Equal(outcome, Assert.Single(shop.Events.All.OfType<SafeMigrationFailedEvent>()).Run.Outcome);
        Assert.Equal(others, failure.Hint.Contains("Others have written since the backup (nothing)", StringComparison.Ordinal));
        Assert.Equal(others ? 1 : 0, await shop.CountAsync("nothing"));
    }

    [Fact]
    public async Task Left_as_it_is_a_failed_run_says_which_command_goes_back()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 0;").With("2_b.sql", "SELECT 1 / 0;");

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true, OnFailure = FailureAction.Stop }, "DBS406");

        Assert.Contains("dbsafety restore run \"" + Path.Combine(shop.Root, "backups"), failure.Hint, StringComparison.Ordinal);
        Assert.Equal("1_a.sql:Applied 2_b.sql:Failed", await shop.StatesAsync());
    }
}
