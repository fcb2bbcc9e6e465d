using DbSafety.Databases.Connections;
using DbSafety.Restores.Swaps;
using Npgsql;

namespace DbSafety.Integration.Tests.Restores.Swaps;

/// <summary>A live database with one row in its table t, and the next one with two.</summary>
public sealed record SwapPair(DatabaseTarget Live, DatabaseTarget Next, DatabaseTarget Kept)
{
    public static async Task<SwapPair> CreateAsync(DatabaseTarget server, string? owner = null)
    {
        var name = "swap_" + Guid.NewGuid().ToString("N")[..6];
        var pair = new SwapPair(server.On(name), server.On(name + "_next"), server.On(name + "_kept"));
        foreach (var (target, rows) in new[] { (pair.Live, 1), (pair.Next, 2) })
        {
            await PgServer.ExecuteAsync(server, $"CREATE DATABASE {target.Database} TEMPLATE template0{(owner is null ? "" : $" OWNER {owner}")}");
            await PgServer.ExecuteAsync(target, $"CREATE TABLE t (id int); GRANT ALL ON t TO PUBLIC; INSERT INTO t SELECT generate_series(1, {rows})");
        }

        return pair;
    }

    /// <param name="user">The role that swaps; null: the one of <see cref="Live"/>.</param>
    internal SwapRequest Request(string? user = null, ISwapCondition? condition = null) =>
        new(user is null ? Live : Live with { Username = user }, Live.Database, Next.Database, Kept.Database) { Condition = condition };

    internal Task SwapAsync(ISwapCondition? condition = null, string? user = null, CancellationToken ct = default) =>
        DatabaseSwap.RunAsync(Request(user, condition), new RecordedEvents(), ct);

    public Task<long> LiveRowsAsync() => PgServer.ScalarAsync<long>(Live, "SELECT count(*) FROM t");

    /// <summary>The live database has its row, both have their names, and anybody can connect.</summary>
    public async Task AssertUnchangedAsync()
    {
        Assert.Equal(1, await LiveRowsAsync());
        Assert.Equal(2, await PgServer.ScalarAsync<long>(Next, "SELECT count(*) FROM t"));
        Assert.Equal(2, await PgServer.ScalarAsync<long>(Live, $"SELECT count(*) FROM pg_database WHERE datname LIKE '{Live.Database}%' AND datallowconn AND datconnlimit = -1"));
    }

    /// <summary>A session of somebody else's, as the application opens them.</summary>
    public static async Task<NpgsqlConnection> ConnectAsync(DatabaseTarget target)
    {
        var connection = new NpgsqlConnection(target.ConnectionString("an application"));
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Inserts as the application does; whether the server confirmed it.</summary>
    public static async Task<bool> InsertAsync(DatabaseTarget target)
    {
        try
        {
            await using var connection = await ConnectAsync(target);
            await using var command = new NpgsqlCommand("INSERT INTO t VALUES (99)", connection);
            return await command.ExecuteNonQueryAsync() == 1;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    public static async Task EndAsync(DatabaseTarget server, string application) =>
        Assert.True(await PgServer.ScalarAsync<long>(server, $"SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '{application}') x") > 0);
}
