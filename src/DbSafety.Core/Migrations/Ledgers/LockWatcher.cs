using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Ledgers;

/// <summary>
/// Looks from a second session which statement the first is at, and who holds it up. Afterwards it is too late: once a wait has timed out, PostgreSQL no longer knows
/// whom it was for.
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

    /// <summary>The sessions that were seen in the way last, in words; null where nobody was.</summary>
    public string? Blockers { get; private set; }

    /// <summary>The table whose lock was waited for last; null: none was, or it is no table.</summary>
    public string? Table { get; private set; }

    /// <summary>The statement that was seen running last, as far as PostgreSQL keeps it (track_activity_query_size).</summary>
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
                // Most migrations are over before the first tick, and need no second session.
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
            // That is how it ends.
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
