using System.Diagnostics;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Backups;

/// <summary>
/// Watches pg_dump's own table locks. pg_dump locks all tables that it dumps before it reads their definitions and rows, and holds these locks
/// until it ends; no session of ours locks a table before that. Its sessions are found by their application name.
/// </summary>
internal sealed class DumpLocks(NpgsqlConnection watch, string applicationName)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20), AskForBlocker = TimeSpan.FromSeconds(1);

    private const string HeldSql = """
        SELECT pg_catalog.count(DISTINCT l.relation)
        FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
        WHERE a.application_name = $1 AND l.locktype = 'relation' AND l.granted AND l.mode = 'AccessShareLock' AND l.relation = ANY ($2::pg_catalog.oid[])
          AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
        """;

    private const string BlockersSql = """
        SELECT DISTINCT b.pid, coalesce(b.usename, ''), coalesce(b.application_name, ''), coalesce(pg_catalog.left(b.query, 80), ''), coalesce(l.relation::pg_catalog.regclass::pg_catalog.text, '')
        FROM pg_catalog.pg_stat_activity a
        JOIN pg_catalog.pg_locks l ON l.pid = a.pid AND NOT l.granted
        CROSS JOIN LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(a.pid)) AS p (pid)
        LEFT JOIN pg_catalog.pg_stat_activity b ON b.pid = p.pid
        WHERE a.application_name = $1
        """;

    private const string RequestsSql = """
        SELECT DISTINCT l.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(pg_catalog.left(a.query, 80), ''), l.relation::pg_catalog.regclass::pg_catalog.text
        FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
        WHERE l.mode = 'AccessExclusiveLock' AND l.relation = ANY ($1::pg_catalog.oid[])
          AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
        """;

    private const string RequestedSql = """
        SELECT DISTINCT l.relation::pg_catalog.int8 FROM pg_catalog.pg_locks l
        WHERE l.mode = 'AccessExclusiveLock' AND l.relation = ANY ($1::pg_catalog.oid[])
          AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
        """;

    /// <summary>A session without a snapshot of its own.</summary>
    public NpgsqlConnection Watch => watch;

    /// <summary>The session that pg_dump waited for at the last check; null: it did not wait.</summary>
    public string? Blocker { get; private set; }

    /// <summary>Returns when pg_dump holds its locks on all of the tables, or has ended.</summary>
    /// <param name="early">Our own locks, which are released if another session waits for them.</param>
    public async Task WaitAsync(long[] tables, Task dump, EarlyLocks? early, CancellationToken ct)
    {
        var (clock, waiting) = (Stopwatch.StartNew(), new Stopwatch());
        while (!dump.IsCompleted && await watch.ScalarAsync<long>(HeldSql, ct, applicationName, tables) < tables.Length)
        {
            if (clock.Elapsed > AskForBlocker)
            {
                Blocker = await DescribeAsync(BlockersSql, "holds or requests", ct, applicationName) ?? Blocker;
                clock.Restart();
            }

            if (early is not null && await DescribeAsync(RequestsSql, "", ct, (object)tables) is not null)
                waiting.Start();
            else
                waiting.Reset();
            if (waiting.Elapsed > EarlyLocks.Longest)
                await early!.ReleaseAsync(ct);
            await Task.WhenAny(dump, Task.Delay(Interval, ct));
            ct.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Who holds or waits for an ACCESS EXCLUSIVE lock on one of the tables, and which tables these are.</summary>
    public async Task<TablesChangedException> RequestedAsync(long[] tables, Exception cause, CancellationToken ct)
    {
        var requests = await DescribeAsync(RequestsSql, "requests an ACCESS EXCLUSIVE lock on", ct, (object)tables) ?? "a session that has ended requested an ACCESS EXCLUSIVE lock on a table";
        var requested = await watch.ListAsync(RequestedSql, r => r.GetInt64(0), ct, (object)tables);
        return new TablesChangedException(requests, requested, cause);
    }

    /// <summary>
    /// Terminates the remaining sessions of pg_dump. A backend that waits for a lock does not notice that its client has disconnected, and keeps the locks
    /// that it holds.
    /// </summary>
    public static async Task EndAsync(DatabaseTarget target, string applicationName, IOperationEvents events)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await using var connection = await BackupSession.OpenAsync(target, timeout.Token);
            await connection.ExecuteAsync("SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE application_name = $1", timeout.Token, applicationName);
        }
        catch (Exception e) when (e is DbSafetyException or NpgsqlException or OperationCanceledException)
        {
            events.Debug($"could not terminate the remaining sessions of pg_dump: {e.Message}");
        }
    }

    private async Task<string?> DescribeAsync(string sql, string does, CancellationToken ct, params object[] values)
    {
        var sessions = await watch.ListAsync(sql, r => $"pid {(r.IsDBNull(0) ? 0 : r.GetInt32(0))} ({r.GetString(1)}, {r.GetString(2)}) {does} {r.GetString(4)}: {r.GetString(3)}", ct, values);
        return sessions.Count > 0 ? string.Join("; ", sessions) : null;
    }
}
