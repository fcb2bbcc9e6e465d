using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>
/// Whether anybody else has written since the backup, by PostgreSQL's own counts of rows written (pg_stat_user_tables) less what this run wrote. In
/// doubt somebody has.
/// </summary>
internal sealed class OthersWrites
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>A session that stays hands in its counts when it has been idle for ten seconds, at the latest (PGSTAT_IDLE_INTERVAL in PostgreSQL's pgstat.c).</summary>
    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(11);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly IReadOnlyDictionary<uint, (string Name, long Rows)> before;
    private readonly DateTime since;

    private OthersWrites(IReadOnlyDictionary<uint, (string Name, long Rows)> before, DateTime since) => (this.before, this.since) = (before, since);

    public static async Task<OthersWrites> StartAsync(SafeMigrationRun run, CancellationToken ct) =>
        new(await CountAsync(run, ct), await run.Connection!.ScalarAsync<DateTime>("SELECT clock_timestamp()", ct));

    /// <returns>The tables that were written to; null where there are none.</returns>
    public async Task<string?> SinceAsync(SafeMigrationRun run, CancellationToken ct)
    {
        try
        {
            if (!await OwnSessionsEndAsync(run, ct))
                return "it cannot be said which, for a session of this run is still there";
            var own = RunChanges.Sum(run.Applied).ToDictionary(c => c.Table, c => c.Inserted + c.Updated + c.Deleted, StringComparer.Ordinal);
            for (var clock = System.Diagnostics.Stopwatch.StartNew(); ; await Task.Delay(Interval, ct))
            {
                var atWork = await AtWorkAsync(run, ct);
                var written = (await CountAsync(run, ct))
                    .Where(t => before.TryGetValue(t.Key, out var then) && t.Value.Rows - then.Rows > own.GetValueOrDefault(t.Value.Name))
                    .Select(t => t.Value.Name).ToList();
                if (written.Count > 0)
                    return string.Join(", ", written);
                if (atWork is null)
                    return null;
                if (clock.Elapsed > IdleInterval)
                    return $"it cannot be said which, for {atWork} is at work";
            }
        }
        catch (NpgsqlException e)
        {
            return $"it cannot be said which: {e.Message}";
        }
    }

    /// <summary>Whoever else is connected: beside a command whose own writes nobody counts, that is all that can be told.</summary>
    public static async Task<string?> ConnectedAsync(SafeMigrationRun run, CancellationToken ct)
    {
        try
        {
            for (var clock = System.Diagnostics.Stopwatch.StartNew(); ; await Task.Delay(Interval, ct))
            {
                var session = await run.Connection!.ScalarAsync<string>(
                    """
                    SELECT format('it cannot be said which, for pid %s (%s) is connected', pid, coalesce(nullif(application_name, ''), usename)) FROM pg_catalog.pg_stat_activity
                    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name NOT LIKE 'dbsafety%' LIMIT 1
                    """, ct);
                if (session is null || clock.Elapsed > Patience)
                    return session;
            }
        }
        catch (NpgsqlException e)
        {
            return $"it cannot be said which: {e.Message}";
        }
    }

    /// <summary>One of the others that have done something since the backup, and may not have handed in their counts yet.</summary>
    private Task<string?> AtWorkAsync(SafeMigrationRun run, CancellationToken ct) =>
        run.Connection!.ScalarAsync<string>(
            """
            SELECT format('pid %s (%s)', pid, coalesce(nullif(application_name, ''), usename)) FROM pg_catalog.pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name NOT LIKE 'dbsafety%'
              AND state_change > $1 AND (state <> 'idle' OR state_change > clock_timestamp() - $2::interval) LIMIT 1
            """, ct, since, IdleInterval);

    /// <summary>A session hands in its counts when it ends, at the latest.</summary>
    private static async Task<bool> OwnSessionsEndAsync(SafeMigrationRun run, CancellationToken ct)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (await run.Connection!.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND application_name = 'dbsafety migration run' AND pid <> pg_backend_pid())", ct))
        {
            if (clock.Elapsed > Patience)
                return false;
        }

        return true;
    }

    private static async Task<Dictionary<uint, (string Name, long Rows)>> CountAsync(SafeMigrationRun run, CancellationToken ct)
    {
        var (schema, table) = run.Project.Ledger.Relation;
        return (await run.Connection!.ListAsync(
            "SELECT relid, schemaname, relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_catalog.pg_stat_user_tables WHERE schemaname <> 'dbsafety' AND (schemaname, relname) <> ($1, $2)",
            r => (Oid: r.GetFieldValue<uint>(0), Name: new Analysis.RelationName(r.GetString(1), r.GetString(2)).Display("public"), Rows: r.GetInt64(3)), ct, schema, table))
            .ToDictionary(t => t.Oid, t => (t.Name, t.Rows));
    }
}
