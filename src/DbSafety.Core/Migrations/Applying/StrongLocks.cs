using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>The locks of this transaction that keep others from reading or writing.</summary>
internal static class StrongLocks
{
    public static async Task<IReadOnlyList<string>> ReadAsync(NpgsqlConnection connection, CancellationToken ct) =>
        await connection.ListAsync(
            """
            SELECT format('%s on %s', max(l.mode), l.relation::regclass)
            FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE l.pid = pg_catalog.pg_backend_pid() AND l.granted AND l.locktype = 'relation' AND c.relkind IN ('r', 'p', 'm')
              AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') AND n.nspname NOT LIKE 'pg\_%'
            GROUP BY l.relation ORDER BY 1 LIMIT 20
            """,
            r => r.GetString(0), ct);
}
