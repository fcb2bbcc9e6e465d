using System.Diagnostics;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>
/// Replaces one database with another: both renames in one transaction, while a second session terminates the connected sessions. The rename's
/// lock makes new sessions wait; PostgreSQL then refuses them ("does not exist": the name has another OID now), and they connect again. Nothing has to be undone if it fails or is killed: PostgreSQL rolls
/// the renames back.
/// </summary>
internal static class DatabaseSwap
{
    /// <summary>How long other sessions can use the database before the swap fails.</summary>
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(15);

    /// <summary>Renames the current database to its retained name, and the next database to the name of the current database.</summary>
    /// <returns>How long the name was unavailable.</returns>
    /// <exception cref="DbSafetyException">
    /// <c>DBS305</c>, <c>DBS330</c>, <c>DBS332</c>, <c>DBS333</c>, or what the condition throws: nothing is changed. <c>DBS331</c>: the outcome is unknown.
    /// </exception>
    public static async Task<TimeSpan> RunAsync(SwapRequest request, IOperationEvents events, CancellationToken ct)
    {
        var (server, current, next, kept) = request;
        await using var renamer = await server.OpenMaintenanceAsync(ct, "dbsafety swap", current, next, kept);
        await using var ender = await server.OpenMaintenanceAsync(ct, "dbsafety swap", current, next, kept);
        var databases = await SwapDatabases.ReadAsync(ender, request, ct);
        await SwapChecks.CheckWritableAsync(server, ender, ct);
        await SwapChecks.CheckDatabaseAsync(server, current, ender, ct);
        StepPoint.Reach("swap: checked");
        var clock = Stopwatch.StartNew();
        var attempt = new SwapAttempt(request, databases, renamer, ender, events);
        while (true)
        {
            try
            {
                await attempt.RunAsync(WaitLimit, ct);
                break;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && clock.Elapsed < WaitLimit)
            {
                StepPoint.Reach("swap: rolled back");
                await SwapChecks.CheckDatabaseAsync(server, current, ender, ct);
            }
            catch (PostgresException e)
            {
                ct.ThrowIfCancellationRequested();
                throw ErrorCatalogue.SwapBlocked.Because(e, current, e.MessageText + await HoldersAsync(ender, databases, ct));
            }
        }

        events.Verbose($"renamed {next} to {current}; the previous database is {kept}");
        return clock.Elapsed;
    }

    private static async Task<string> HoldersAsync(NpgsqlConnection ender, SwapDatabases databases, CancellationToken ct)
    {
        try
        {
            var sessions = (await DatabaseSessions.ListAsync(ender, databases.Current, ct)).Concat(await DatabaseSessions.ListAsync(ender, databases.Next, ct)).ToList();
            return sessions.Count > 0 ? $": {string.Join(", ", sessions)}" : "";
        }
        catch (NpgsqlException)
        {
            return "";
        }
    }
}
