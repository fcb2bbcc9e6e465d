using System.Diagnostics;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>The connection was lost while the swap was being committed: a new one finds out whether it was.</summary>
internal static class LostCommit
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Returns if the renames are committed.</summary>
    /// <exception cref="DbSafetyException"><c>DBS305</c> they are not; <c>DBS331</c> it could not be found out.</exception>
    public static async Task ResolveAsync(SwapRequest request, SwapDatabases databases, long transaction, int pid, NpgsqlException cause, IOperationEvents events)
    {
        events.Verbose($"the connection was lost at COMMIT ({cause.Message}); looking whether the renames are committed");
        var clock = Stopwatch.StartNew();
        Exception last = cause;
        do
        {
            try
            {
                await using var connection = await request.Server.OpenMaintenanceAsync(CancellationToken.None, "dbsafety swap", request.Current, request.Next, request.Kept);
                if (await IsInProgressAsync(connection, transaction))
                {
                    // Its client is gone: it can only end.
                    await connection.ExecuteAsync("SELECT pg_catalog.pg_terminate_backend($1)", CancellationToken.None, pid);
                }
                else if (await SwapChecks.OidAsync(connection, request.Current, CancellationToken.None) is { } found && (found == databases.Next || found == databases.Current))
                {
                    if (found == databases.Current)
                        throw ErrorCatalogue.SwapBlocked.Because(cause, request.Current, $"the renames were not committed ({cause.Message})");
                    events.Warning($"the connection was lost when the swap was committed; a new connection shows that it was: {request.Current} is the database with the oid {databases.Next}");
                    return;
                }
                else
                {
                    break;
                }
            }
            catch (Exception e) when (e is NpgsqlException or DbSafetyException { Definition.Code: not "DBS305" } or InvalidOperationException or IOException)
            {
                last = e;
            }

            await Task.Delay(Pause);
        }
        while (clock.Elapsed < request.ReconnectFor);
        throw ErrorCatalogue.SwapUnknown.Because(cause, request.Current, last.Message, databases.Current, databases.Next);
    }

    /// <summary>After a crash or a failover the server may know nothing of the transaction: then it is not in progress.</summary>
    private static async Task<bool> IsInProgressAsync(NpgsqlConnection connection, long transaction)
    {
        try
        {
            return await connection.ScalarAsync<string>("SELECT pg_catalog.txid_status($1)", CancellationToken.None, transaction) == "in progress";
        }
        catch (PostgresException)
        {
            return false;
        }
    }
}
