using System.Diagnostics;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>The connection was lost while renames were being committed: a new connection terminates the session, if it still exists, and determines whether they were committed.</summary>
/// <param name="ApartFrom">The names of the databases that are renamed.</param>
/// <param name="ReconnectFor">How long the server can take to accept a new connection.</param>
internal sealed record LostCommit(DatabaseTarget Server, string[] ApartFrom, ServerBackend Backend, long Transaction, TimeSpan ReconnectFor)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a terminated session can take to end, before the server is asked on a new connection.</summary>
    private static readonly TimeSpan EndWaitLimit = TimeSpan.FromSeconds(5);

    /// <param name="look">Whether the databases have the new names; null: neither these nor the old ones.</param>
    /// <returns>Whether the transaction is committed; null: that is unknown, and why.</returns>
    public async Task<(bool? IsCommitted, string Problem)> ResolveAsync(Func<NpgsqlConnection, Task<bool?>> look, NpgsqlException cause, IOperationEvents events)
    {
        events.Verbose($"the connection was lost at COMMIT ({cause.Message}); checking whether the renames are committed");
        var clock = Stopwatch.StartNew();
        var problem = cause.Message;
        do
        {
            try
            {
                await using var connection = await Server.OpenMaintenanceAsync(CancellationToken.None, "dbsafety swap", ApartFrom);
                // Its client has disconnected: it can only end. The names show whether its COMMIT has finished.
                if (await Backend.EndAsync(connection, EndWaitLimit) && !await IsInProgressAsync(connection))
                    return (await look(connection), problem);
                problem = $"the session with pid {Backend.Pid} did not end";
            }
            catch (Exception e) when (e is NpgsqlException or DbSafetyException or InvalidOperationException or IOException)
            {
                problem = e.Message;
            }

            await Task.Delay(Pause);
        }
        while (clock.Elapsed < ReconnectFor);
        return (null, problem);
    }

    /// <summary>After a crash or a failover the server may know nothing of the transaction: then it is not in progress.</summary>
    private async Task<bool> IsInProgressAsync(NpgsqlConnection connection)
    {
        try
        {
            return await connection.ScalarAsync<string>("SELECT pg_catalog.txid_status($1)", CancellationToken.None, Transaction) == "in progress";
        }
        catch (PostgresException)
        {
            return false;
        }
    }
}
