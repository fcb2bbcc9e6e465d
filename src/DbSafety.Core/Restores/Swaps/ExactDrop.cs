using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using DbSafety.Restores.Sessions;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>
/// DROP DATABASE finds its database by name and cannot run in the transaction that checks which database that is: another session could rename the database in
/// between and give its name to another one. So a second session locks the database (COMMENT ON DATABASE acquires SHARE UPDATE EXCLUSIVE, and is rolled back), the
/// database is checked, and the lock is released when DROP DATABASE is the first to wait for its own lock on that database. PostgreSQL grants locks in the order of the queue, and looks
/// up the name before it waits (get_db_info in dbcommands.c).
/// </summary>
internal sealed class ExactDrop(DatabaseTarget server, string database, NpgsqlConnection dropper, ServerBackend backend)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>How long the server waits for this client between two statements while the lock is held.</summary>
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(15);

    /// <param name="oid">The database to drop.</param>
    /// <param name="isExpected">Decides by its comment whether it is dropped.</param>
    /// <returns>Null: it was dropped. Otherwise why it was not.</returns>
    public async Task<string?> RunAsync(uint oid, Func<string?, bool> isExpected, TimeSpan lockTimeout)
    {
        var name = SqlName.Quote(database);
        await using var holder = await server.OpenMaintenanceAsync(CancellationToken.None, "dbsafety drop", database);
        await holder.ExecuteAsync($"SET lock_timeout = {(long)lockTimeout.TotalMilliseconds}", CancellationToken.None);
        await using var held = await holder.BeginTransactionAsync(CancellationToken.None);
        await holder.ExecuteAsync(LostSession.LimitSql(IdleLimit), CancellationToken.None);
        await holder.ExecuteAsync($"COMMENT ON DATABASE {name} IS NULL", CancellationToken.None);
        // The other session sees the comment that is committed.
        var found = await dropper.ListAsync(
            "SELECT oid, pg_catalog.shobj_description(oid, 'pg_database'), datistemplate FROM pg_catalog.pg_database WHERE datname = $1",
            r => (Oid: r.GetFieldValue<uint>(0), Comment: r.Text(1), IsTemplate: r.GetBoolean(2)),
            CancellationToken.None,
            database);
        if (found is not [var current] || current.Oid != oid)
            return "another session renamed it or dropped it";
        if (!isExpected(current.Comment))
            return "its comment no longer has the mark of a retained database";
        StepPoint.Reach("drop: database locked");
        // PostgreSQL does not drop a template database.
        if (current.IsTemplate)
            await dropper.ExecuteAsync($"ALTER DATABASE {name} IS_TEMPLATE false", CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var drop = dropper.ExecuteAsync($"DROP DATABASE {name}", stop.Token);
        try
        {
            while (!drop.IsCompleted)
            {
                var waiters = await WaitersAsync(holder, oid);
                if (waiters.Find(pid => pid != backend.Pid) is > 0 and var other)
                    return await CancelAsync(drop, stop, $"the session with pid {other} is about to rename it or drop it");
                if (waiters.Count > 0)
                    break;
                await Task.WhenAny(drop, Task.Delay(Pause));
            }

            await held.RollbackAsync();
        }
        catch
        {
            await CancelAsync(drop, stop, "");
            throw;
        }

        await drop;
        return null;
    }

    /// <summary>The sessions that wait to rename, drop or move the database.</summary>
    private static Task<List<int>> WaitersAsync(NpgsqlConnection holder, uint oid) => holder.ListAsync(
        """
        SELECT pid FROM pg_catalog.pg_locks
        WHERE locktype = 'object' AND database = 0 AND classid = 'pg_catalog.pg_database'::pg_catalog.regclass AND objid::bigint = $1 AND mode = 'AccessExclusiveLock' AND NOT granted
        """,
        r => r.GetInt32(0),
        CancellationToken.None,
        (long)oid);

    private static async Task<string> CancelAsync(Task drop, CancellationTokenSource stop, string why)
    {
        await stop.CancelAsync();
        await drop.ContinueWith(static d => _ = d.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return why;
    }
}
