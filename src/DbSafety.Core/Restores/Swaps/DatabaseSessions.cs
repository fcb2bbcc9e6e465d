using System.Globalization;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>A session that is connected to a database.</summary>
/// <param name="Type">pg_stat_activity.backend_type; null if the role cannot see it.</param>
/// <param name="CanBeEnded">Whether pg_terminate_backend is permitted.</param>
internal sealed record DatabaseSession(int Pid, string User, string Application, string? Type, bool CanBeEnded)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"pid {Pid} ({string.Join(", ", new[] { User, Application, Type is "client backend" ? null : Type }.Where(s => !string.IsNullOrEmpty(s)))})");
}

/// <summary>
/// Finds and terminates the sessions of a database. Autovacuum workers are left out: a rename terminates them itself. So are parallel workers: they end with
/// the session they work for. Walsenders of logical replication and background workers count as connected, and are terminated like clients.
/// </summary>
internal static class DatabaseSessions
{
    // As pg_terminate_backend decides (https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-SIGNAL). Autovacuum workers
    // have no user. backend_type is null if the role cannot see it.
    private const string Sql = """
        SELECT a.pid, coalesce(r.rolname::text, a.usesysid::text), coalesce(a.application_name, ''), a.backend_type,
               me.rolsuper OR coalesce(NOT r.rolsuper AND (pg_catalog.pg_has_role(a.usesysid, 'USAGE') OR pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')), false)
        FROM pg_catalog.pg_stat_activity a
        CROSS JOIN (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) me
        LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
        WHERE a.datid::bigint = $1 AND a.usesysid IS NOT NULL AND a.backend_type IS DISTINCT FROM 'parallel worker' AND a.pid <> ALL($2) AND a.pid <> pg_catalog.pg_backend_pid()
        ORDER BY a.pid
        """;

    /// <param name="except">Process ids that are not wanted.</param>
    public static Task<List<DatabaseSession>> ListAsync(NpgsqlConnection connection, uint database, CancellationToken ct, params int[] except) => connection.ListAsync(
        Sql,
        r => new DatabaseSession(r.GetInt32(0), r.GetString(1), r.GetString(2), r.Text(3), r.GetBoolean(4)),
        ct,
        (long)database,
        except);

    public static Task<int> EndAsync(NpgsqlConnection connection, IEnumerable<DatabaseSession> sessions, CancellationToken ct) => connection.ExecuteAsync(
        "SELECT pg_catalog.pg_terminate_backend(pid) FROM unnest($1) AS s (pid)", ct, sessions.Select(s => s.Pid).ToArray());
}
