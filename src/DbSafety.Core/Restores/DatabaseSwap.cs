using System.Diagnostics;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>
/// Puts one database in another's place: both renames in one transaction, while a second session ends whoever is connected. The rename's
/// lock makes newcomers wait; they then find the new database. Nothing has to be put back when it fails or is killed: PostgreSQL rolls
/// the renames back by itself.
/// </summary>
internal static class DatabaseSwap
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>How long others may hold the database before the swap gives up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>The current database gets the name it is kept under, the next one gets the name of the current one.</summary>
    /// <returns>How long the name was not to be had.</returns>
    /// <exception cref="DbSafetyException"><c>DBS305</c>: all is as it was.</exception>
    public static async Task<TimeSpan> RunAsync(SwapRequest request, IOperationEvents events, CancellationToken ct)
    {
        var (server, current, next, kept) = request;
        await using var renamer = await server.OpenMaintenanceAsync(ct, "dbsafety swap");
        await using var ender = await server.OpenMaintenanceAsync(ct, "dbsafety swap");
        using var done = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await RefusePreparedAsync(ender, current, ct);
        var clock = Stopwatch.StartNew();
        var ending = EndSessionsAsync(ender, [current, next], done.Token);
        try
        {
            await RenameAsync(renamer, current, next, kept, ct);
        }
        catch (PostgresException e)
        {
            throw ErrorCatalogue.SwapBlocked.Because(e, current, e.MessageText);
        }
        finally
        {
            await done.CancelAsync();
            await ending;
        }

        events.Verbose($"{current} is now what was {next}; the one of before is {kept}");
        return clock.Elapsed;
    }

    private static async Task RenameAsync(NpgsqlConnection connection, string current, string next, string kept, CancellationToken ct)
    {
        await connection.ExecuteAsync($"SET lock_timeout = {(long)Patience.TotalMilliseconds}", ct);
        var clock = Stopwatch.StartNew();
        while (true)
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            try
            {
                await connection.ExecuteAsync($"ALTER DATABASE {SqlName.Quote(current)} RENAME TO {SqlName.Quote(kept)}", ct);
                await connection.ExecuteAsync($"ALTER DATABASE {SqlName.Quote(next)} RENAME TO {SqlName.Quote(current)}", ct);
                await transaction.CommitAsync(ct);
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && clock.Elapsed < Patience)
            {
                // Someone came in between two looks: once more.
                await transaction.RollbackAsync(ct);
            }
        }
    }

    private static async Task EndSessionsAsync(NpgsqlConnection connection, string[] databases, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await connection.ExecuteAsync(
                "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = ANY($1) AND pid <> pg_catalog.pg_backend_pid()",
                CancellationToken.None,
                (object)databases);
            await Task.Delay(Pause, ct).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Prepared transactions belong to no session, so nobody can be ended: they must be finished by hand.</summary>
    private static async Task RefusePreparedAsync(NpgsqlConnection connection, string database, CancellationToken ct)
    {
        var prepared = await connection.ListAsync("SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = $1", r => r.GetString(0), ct, database);
        if (prepared.Count > 0)
            throw ErrorCatalogue.SwapBlocked.For(database, $"prepared transactions hold it: {string.Join(", ", prepared)} (COMMIT PREPARED or ROLLBACK PREPARED)");
    }
}
