using System.Diagnostics;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>
/// Puts one database in another's place: both renames in one transaction, while a second session ends whoever is connected. The rename's
/// lock makes newcomers wait; they then find the new database. Nothing has to be undone when it fails or is killed: PostgreSQL rolls
/// the renames back by itself.
/// </summary>
internal static class DatabaseSwap
{
    /// <summary>How long others may hold the database before the swap gives up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>The current database gets the name it is kept under, the next one gets the name of the current one.</summary>
    /// <returns>How long the name was not to be had.</returns>
    /// <exception cref="DbSafetyException">
    /// <c>DBS305</c>, <c>DBS330</c>, <c>DBS332</c>, <c>DBS333</c>, or what the condition throws: all is as it was. <c>DBS331</c>: it is not known.
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
                await attempt.RunAsync(Patience, ct);
                break;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && clock.Elapsed < Patience)
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
