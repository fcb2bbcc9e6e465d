using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Restores.Swaps;

namespace DbSafety.Integration.Tests.Restores.Retained;

/// <summary>What is said of a drop is what a look at the server shows.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class DropTests(PgServer pg)
{
    [Fact]
    public async Task A_database_whose_drop_lost_its_connection_is_looked_for_before_anything_is_said_of_it()
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
    public async Task A_drop_that_never_reached_the_server_is_reported_with_what_is_still_there()
    {
        var target = await pg.CreateDatabaseAsync("unsent");
        using var proxy = new CutProxy(target, $"DROP DATABASE {SqlName.Quote(target.Database)}", 1, afterAnswer: false);
        var events = new RecordedEvents();

        Assert.False(await DatabaseDrop.OrWarnAsync(proxy.Target, events));
        Assert.True(await IsThereAsync(target));
        Assert.Contains($"the database {target.Database} could not be dropped and is still there", events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_can_look_it_is_not_said_that_the_database_is_still_there()
    {
        var events = new RecordedEvents();

        Assert.False(await DatabaseDrop.OrWarnAsync(pg.Target.On("any") with { Port = 1, Host = "127.0.0.1" }, events));

        Assert.Contains("whether the database any was dropped is unknown", events.Text, StringComparison.Ordinal);
    }

    private static Task<bool> IsThereAsync(DatabaseTarget target) =>
        PgServer.ScalarAsync<bool>(target.On("postgres"), $"SELECT EXISTS (SELECT FROM pg_database WHERE datname = '{target.Database}')");
}
