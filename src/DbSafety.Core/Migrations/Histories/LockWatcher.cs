using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Histories;

/// <summary>
/// Reads from a second session which statement the first session is running, and which sessions block it. Afterwards it is too late: after a lock timeout, PostgreSQL no longer shows
/// the blocking sessions.
/// </summary>
internal sealed class LockWatcher : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource stop = new();
    private readonly Task watching;

    private LockWatcher(DatabaseTarget target, int pid, IOperationEvents events)
    {
        watching = WatchAsync(target, pid, events, stop.Token);
    }

    /// <summary>The last seen blocking sessions, as text; null: none.</summary>
    public string? Blockers { get; private set; }

    /// <summary>The table of the last lock that was waited for; null: none, or not a table.</summary>
    public string? Table { get; private set; }

    /// <summary>The last seen running statement, truncated by PostgreSQL (track_activity_query_size).</summary>
    public string? Running { get; private set; }

    public static LockWatcher Start(DatabaseTarget target, int pid, IOperationEvents events) => new(target, pid, events);

    public void Forget() => Blockers = Table = null;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await watching;
        stop.Dispose();
    }

    private async Task WatchAsync(DatabaseTarget target, int pid, IOperationEvents events, CancellationToken ct)
    {
        try
        {
            using var timer = new PeriodicTimer(Interval);
            NpgsqlConnection? connection = null;
            try
            {
                // Most migrations finish before the first tick, and need no second session.
                while (await timer.WaitForNextTickAsync(ct))
                {
                    connection ??= await target.OpenAsync(ct, "dbsafety lock watch");
                    Running = await connection.ScalarAsync<string>("SELECT query FROM pg_catalog.pg_stat_activity WHERE pid = $1", ct, pid);
                    if (await SeeAsync(connection, pid, ct) is { } seen && seen != Blockers)
                    {
                        Blockers = seen;
                        Table = await connection.ScalarAsync<string>("SELECT relation::regclass::text FROM pg_catalog.pg_locks WHERE pid = $1 AND NOT granted AND locktype = 'relation' AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())", ct, pid);
                        events.Verbose($"waiting for {seen}");
                    }
                }
            }
            finally
            {
                if (connection is not null)
                    await connection.DisposeAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The expected end of the watcher.
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            events.Verbose($"cannot read which sessions hold locks: {e.Message}");
        }
    }

    private static async Task<string?> SeeAsync(NpgsqlConnection connection, int pid, CancellationToken ct)
    {
        var sessions = await connection.ListAsync(
            """
            SELECT format('pid %s (%s%s%s, in its transaction for %s s%s)', a.pid, a.usename,
                          CASE WHEN a.application_name <> '' THEN ', ' || a.application_name ELSE '' END,
                          ', ' || coalesce(a.state, 'no state'),
                          coalesce(round(extract(epoch FROM clock_timestamp() - a.xact_start))::text, '?'),
                          CASE WHEN a.query <> '' THEN ', last statement: ' || left(regexp_replace(a.query, '\s+', ' ', 'g'), 80) ELSE '' END)
            FROM pg_catalog.pg_stat_activity a WHERE a.pid = ANY (pg_catalog.pg_blocking_pids($1)) ORDER BY a.pid
            """,
            r => r.GetString(0), ct, pid);
        return sessions.Count == 0 ? null : string.Join("; ", sessions);
    }
}
