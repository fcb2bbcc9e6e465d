using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>
/// Blocks writes to production's migration history while a command that is not isolated is rehearsed on a copy: a migration tool that connects to
/// production waits before its first record. The waiting session is detected, and the command is stopped.
/// </summary>
internal sealed class HistoryHold : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly NpgsqlConnection connection;

    private HistoryHold(NpgsqlConnection connection) => this.connection = connection;

    /// <summary>The session that waited for the lock, if any.</summary>
    public string? Waiter { get; private set; }

    /// <returns>Null: there is no history table.</returns>
    public static async Task<HistoryHold?> TakeAsync(SafeMigrationRun run, CancellationToken ct)
    {
        var (schema, table) = run.Project.History.Relation;
        if (table.Length == 0 || !await run.Connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", ct, SqlName.Quote(schema, table)))
            return null;
        var connection = await run.Request.Target.OpenAsync(ct, "dbsafety rehearsal");
        try
        {
            await connection.ExecuteAsync(
                $"BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = {(long)run.Request.LockTimeout.TotalMilliseconds}; LOCK TABLE {SqlName.Quote(schema, table)} IN SHARE MODE", ct);
            return new HistoryHold(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the work, and cancels it as soon as a session waits for the lock.</summary>
    public async Task<T> WatchAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var running = work(stop.Token);
        try
        {
            while (Waiter is null && await Task.WhenAny(running, Task.Delay(Interval, CancellationToken.None)) != running)
                Waiter = await WaitingAsync();
        }
        finally
        {
            // Also if this session was lost, which releases the lock.
            if (!running.IsCompleted)
                await stop.CancelAsync();
            await running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            // A session whose client has exited would write as soon as the lock is released.
            if (Waiter is not null)
                await EndWaitingAsync();
        }

        return await running;
    }

    public async ValueTask DisposeAsync() => await connection.DisposeAsync();

    private Task<string?> WaitingAsync() =>
        connection.ScalarAsync<string>(
            """
            SELECT pg_catalog.format('pid %s (%s)', l.pid, coalesce(nullif(a.application_name, ''), a.usename, 'unknown'))
            FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
            WHERE NOT l.granted AND pg_catalog.pg_backend_pid() = ANY (pg_catalog.pg_blocking_pids(l.pid)) LIMIT 1
            """, CancellationToken.None);

    /// <summary>The waiting sessions that started after this one, like those of the command.</summary>
    private Task<int> EndWaitingAsync() =>
        connection.ExecuteAsync(
            """
            SELECT pg_catalog.pg_terminate_backend(l.pid) FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
            WHERE NOT l.granted AND pg_catalog.pg_backend_pid() = ANY (pg_catalog.pg_blocking_pids(l.pid))
              AND a.backend_start > (SELECT backend_start FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid())
            """, CancellationToken.None);
}
