using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Integration.Tests.Databases.Poolers;

/// <summary>What a pool's server sessions hold when nobody uses them.</summary>
internal static class ServerSessions
{
    private const string Settings =
        """
        SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings
        WHERE (source = 'session' AND name NOT IN ('client_encoding', 'application_name')) OR (name = 'application_name' AND setting <> '') OR name LIKE 'dbsafety%'
        """;

    private const string Named = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'dbsafety%'";

    /// <summary>Visits each server session of the pool, and fails if a setting, a lock or a name has stayed.</summary>
    public static async Task AreCleanAsync(PgBouncer pooler, DatabaseTarget direct)
    {
        // A session whose client has just gone is being ended, or reset by the pooler, for a moment; those of this test are among them.
        var until = DateTime.UtcNow.AddSeconds(10);
        bool isClean;
        while (!(isClean = await IsEachVisitedAsync(pooler, direct) && await PgServer.ScalarAsync<long>(direct, Named) == 0) && DateTime.UtcNow < until)
            await Task.Delay(20);
        Assert.True(isClean);
        Assert.Equal(0L, await PgServer.ScalarAsync<long>(direct, "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND a.datname = current_database()"));
    }

    private static async Task<bool> IsEachVisitedAsync(PgBouncer pooler, DatabaseTarget direct)
    {
        var pids = await OfPoolAsync(direct);
        Assert.NotEmpty(pids);
        var clients = new List<NpgsqlConnection>();
        try
        {
            // A transaction keeps its server session, so that the next client gets another one.
            var visited = new HashSet<int>();
            while (!pids.IsSubsetOf(visited) && clients.Count < pids.Count)
            {
                var client = await pooler.ConnectAsync(direct.Database);
                clients.Add(client);
                await client.ExecuteAsync("BEGIN", CancellationToken.None);
                visited.Add(await client.ScalarAsync<int>("SELECT pg_backend_pid()", CancellationToken.None));
                Assert.Equal("\"$user\", public", await client.ScalarAsync<string>("SHOW search_path", CancellationToken.None));
                Assert.Null(await client.ScalarAsync<string>(Settings, CancellationToken.None));
                Assert.Equal(500L, await client.ScalarAsync<long>("SELECT count(*) FROM orders", CancellationToken.None));
            }

            return pids.IsSubsetOf(visited);
        }
        finally
        {
            // A pooler ends the server session of a client that leaves in a transaction.
            foreach (var client in clients)
            {
                await client.ExecuteAsync("ROLLBACK", CancellationToken.None);
                await client.DisposeAsync();
            }
        }
    }

    private static async Task<HashSet<int>> OfPoolAsync(DatabaseTarget direct)
    {
        await using var connection = await direct.OpenAsync(CancellationToken.None);
        return [.. await connection.ListAsync("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'", r => r.GetInt32(0), CancellationToken.None)];
    }
}
