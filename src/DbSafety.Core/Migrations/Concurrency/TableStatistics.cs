using System.Diagnostics;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Concurrency;

/// <summary>
/// PostgreSQL's own counts of rows written per table (pg_stat_all_tables). They prove that no other session wrote to a table whose rows the
/// migration has rewritten: they must be equal to what the migration itself counted. Rolled back writes count too, and counts that are
/// reported late make them differ, so a difference proves nothing.
/// </summary>
internal sealed class TableStatistics
{
    /// <summary>
    /// Since PostgreSQL 15 counts are in shared memory, and a session reports its own when it ends or has been idle for ten seconds
    /// (PGSTAT_IDLE_INTERVAL in pgstat.c). In earlier versions, it may not report them while it is idle.
    /// </summary>
    private const int FirstReliable = 15;

    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(11);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Sessions of this run, whose writes are known. Until they have reported their counts, the statistics differ.</summary>
    private static readonly string[] OwnSessions = [ConcurrentWriteCheck.SessionName, "dbsafety migration run"];

    private readonly Dictionary<uint, OwnChange> before;
    private readonly DateTime since;

    private TableStatistics(Dictionary<uint, OwnChange> before, DateTime since) => (this.before, this.since) = (before, since);

    /// <summary>The statistics before the snapshot after which writes are to be detected.</summary>
    public static async Task<TableStatistics> StartAsync(NpgsqlConnection connection, CancellationToken ct) =>
        new(await ReadAsync(connection, ct), await connection.ScalarAsync<DateTime>("SELECT pg_catalog.clock_timestamp()", ct));

    /// <summary>Waits until all sessions have reported their counts, and compares.</summary>
    /// <param name="connection">In no transaction: in one, statistics stay as they were first read.</param>
    /// <returns>Why it is not proven that only this run wrote to the tables; null: it is.</returns>
    public async Task<string?> DifferAsync(NpgsqlConnection connection, IReadOnlyList<uint> tables, OwnWrites own, CancellationToken ct)
    {
        if (connection.PostgreSqlVersion.Major < FirstReliable)
            return $"PostgreSQL {connection.PostgreSqlVersion.Major} updates its cumulative statistics too late";
        if (!await connection.ScalarAsync<bool>("SELECT current_setting('track_counts')::bool", ct))
            return "track_counts is off";
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(Interval, ct))
        {
            var busy = await BusyAsync(connection, ct);
            var now = await ReadAsync(connection, ct);
            var differing = tables.Where(t => Written(now, t) != own.Of(t)).ToList();
            if (differing.Count == 0 && busy is null)
                return null;
            if (differing.Any(t => Exceeds(Written(now, t), own.Of(t))))
                return "the cumulative statistics count more written rows than the migration wrote, either by other sessions or by attempts that were rolled back";
            if (clock.Elapsed > IdleInterval)
                return busy is null ? "the number of written rows in the cumulative statistics differs from that of the migration" : $"{busy} is active";
        }
    }

    /// <summary>Tables to which any session has written rows since, as far as counts have been reported.</summary>
    public async Task<IReadOnlyList<string>> ChangedAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var now = await ReadAsync(connection, ct);
        var changed = now.Keys.Where(t => Written(now, t) != new OwnChange(t, 0, 0, 0)).ToHashSet();
        var names = await connection.ListAsync("SELECT relid, relid::pg_catalog.regclass::text FROM pg_catalog.pg_stat_user_tables ORDER BY 2", r => (Oid: r.GetFieldValue<uint>(0), Name: r.GetString(1)), ct);
        return [.. names.Where(n => changed.Contains(n.Oid)).Select(n => n.Name)];
    }

    /// <summary>Rows that any session has deleted since, as far as counts have been reported. TRUNCATE and DROP TABLE do not count.</summary>
    public async Task<IReadOnlyDictionary<uint, long>> DeletedAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var now = await ReadAsync(connection, ct);
        return now.Keys.Select(t => Written(now, t)).Where(w => w.Deleted > 0).ToDictionary(w => w.Oid, w => w.Deleted);
    }

    private OwnChange Written(Dictionary<uint, OwnChange> now, uint table)
    {
        var (then, counted) = (before.GetValueOrDefault(table) ?? new OwnChange(table, 0, 0, 0), now.GetValueOrDefault(table) ?? new OwnChange(table, 0, 0, 0));
        return new OwnChange(table, counted.Inserted - then.Inserted, counted.Updated - then.Updated, counted.Deleted - then.Deleted);
    }

    private static bool Exceeds(OwnChange counted, OwnChange own) => counted.Inserted > own.Inserted || counted.Updated > own.Updated || counted.Deleted > own.Deleted;

    /// <summary>A session that has been active since and may not have reported its counts yet; also a session whose activity this role cannot read.</summary>
    private Task<string?> BusyAsync(NpgsqlConnection connection, CancellationToken ct) =>
        connection.ScalarAsync<string>(
            """
            SELECT pg_catalog.format('the session of pid %s (%s)', pid, coalesce(nullif(application_name, ''), usename)) FROM pg_catalog.pg_stat_activity
            WHERE datname = current_database() AND backend_type IS DISTINCT FROM 'autovacuum worker' AND pid <> pg_catalog.pg_backend_pid()
              AND coalesce(application_name, '') <> ALL ($3)
              AND (state IS NULL OR (state_change > $1 AND (state <> 'idle' OR state_change > pg_catalog.clock_timestamp() - $2::interval))) LIMIT 1
            """, ct, since, IdleInterval, OwnSessions);

    private static async Task<Dictionary<uint, OwnChange>> ReadAsync(NpgsqlConnection connection, CancellationToken ct) =>
        (await connection.ListAsync(
            "SELECT relid, n_tup_ins, n_tup_upd, n_tup_del FROM pg_catalog.pg_stat_all_tables WHERE relid >= 16384",
            r => new OwnChange(r.GetFieldValue<uint>(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3)), ct)).ToDictionary(t => t.Oid);
}
