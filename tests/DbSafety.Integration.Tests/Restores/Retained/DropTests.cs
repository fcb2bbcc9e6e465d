using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Restores.Swaps;

namespace DbSafety.Integration.Tests.Restores.Retained;

/// <summary>What is said of a drop is what a look at the server shows.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class DropTests(PgServer pg)
{
    [Fact]
    public async Task A_drop_that_loses_its_connection_checks_whether_the_database_exists_before_it_reports_a_failure()
    {
        var target = await pg.CreateDatabaseAsync("lost");
        using var proxy = new CutProxy(target, $"DROP DATABASE {SqlName.Quote(target.Database)}", 1, afterAnswer: true);
        var events = new RecordedEvents();

        Assert.True(await DatabaseDrop.OrWarnAsync(proxy.Target, events));

        Assert.True(proxy.HasCut);
        Assert.False(await IsThereAsync(target));
        Assert.DoesNotContain("could not be dropped", events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_DROP_DATABASE_that_did_not_reach_the_server_reports_the_remaining_database()
    {
        var target = await pg.CreateDatabaseAsync("unsent");
        using var proxy = new CutProxy(target, $"DROP DATABASE {SqlName.Quote(target.Database)}", 1, afterAnswer: false);
        var events = new RecordedEvents();

        Assert.False(await DatabaseDrop.OrWarnAsync(proxy.Target, events));
        Assert.True(await IsThereAsync(target));
        Assert.Contains($"the database {target.Database} could not be dropped and is still there", events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_drop_does_not_report_that_the_database_exists_if_this_cannot_be_checked()
    {
        var events = new RecordedEvents();

        Assert.False(await DatabaseDrop.OrWarnAsync(pg.Target.On("any") with { Port = 1, Host = "127.0.0.1" }, events));

        Assert.Contains("whether the database any was dropped is unknown", events.Text, StringComparison.Ordinal);
    }

    private static Task<bool> IsThereAsync(DatabaseTarget target) =>
        PgServer.ScalarAsync<bool>(target.On("postgres"), $"SELECT EXISTS (SELECT FROM pg_database WHERE datname = '{target.Database}')");
}
