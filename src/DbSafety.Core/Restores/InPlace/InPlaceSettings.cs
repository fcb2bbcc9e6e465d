using System.Globalization;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Restores.Filling;
using Npgsql;

namespace DbSafety.Restores.InPlace;

/// <summary>The settings of the sessions of an in-place restore, so that settings of the role or of the database neither stop nor weaken it.</summary>
internal static class InPlaceSettings
{
    /// <summary>
    /// How long the transaction may wait for its client's next statement once the backup of the previous contents is done, beyond the time it waits for other sessions. Data
    /// that is being loaded does not count as waiting.
    /// </summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(60);

    /// <summary>A commit that was reported is on the disk; a stronger setting (remote_apply …) stays.</summary>
    public const string DurableCommit = "SELECT pg_catalog.set_config('synchronous_commit', 'on', false) WHERE pg_catalog.current_setting('synchronous_commit') = 'off'";

    private static readonly (string Name, string Value)[] Values =
    [
        ("statement_timeout", "0"), ("idle_in_transaction_session_timeout", "0"),
        ("idle_session_timeout", "0"), ("transaction_timeout", "0"), ("default_transaction_read_only", "off"), ("default_transaction_isolation", "read committed"),
        ("default_transaction_deferrable", "off"), ("standard_conforming_strings", "on"), ("search_path", "pg_catalog"), ("row_security", "off"), .. FillSettings.Meaning,
        // A client that disconnects without notice is detected within a minute; on a Unix-domain socket they do nothing.
        ("tcp_keepalives_idle", "30"), ("tcp_keepalives_interval", "10"), ("tcp_keepalives_count", "3"),
        ("maintenance_work_mem", "128MB"), ("client_min_messages", "warning"),
    ];

    /// <summary>Those that the server knows: some are younger than PostgreSQL 12.</summary>
    /// <param name="lockTimeout">How long to wait for one lock.</param>
    public static IEnumerable<string> Statements(TimeSpan lockTimeout) => Values
        .Append(("lock_timeout", ((long)lockTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)))
        .Select(v => $"SELECT pg_catalog.set_config(name, {SqlName.Literal(v.Item2)}, false) FROM pg_catalog.pg_settings WHERE name = '{v.Item1}'")
        .Append(DurableCommit);

    public static async Task ApplyAsync(NpgsqlConnection connection, TimeSpan lockTimeout, CancellationToken ct)
    {
        foreach (var statement in Statements(lockTimeout))
            await connection.ExecuteAsync(statement, ct);
    }
}
