namespace DbSafety.Migrations.Applying;

/// <summary>
/// The size of a table's rows. pg_relation_size waits for sessions that hold, or wait for, an ACCESS EXCLUSIVE lock: for such a table the size is used that its last
/// VACUUM or ANALYZE recorded. This does not prove that a table is empty; if needed, it is counted under a lock.
/// </summary>
internal static class RelationSize
{
    /// <summary>Of <c>pg_class c</c>. The list of locks is read once.</summary>
    public const string Sql =
        """
        CASE WHEN c.oid = ANY (ARRAY(
            SELECT l.relation FROM pg_catalog.pg_locks l
            WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
              AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
            EXCEPT SELECT o.relation FROM pg_catalog.pg_locks o WHERE o.locktype = 'relation' AND o.pid = pg_catalog.pg_backend_pid() AND o.granted))
        THEN c.relpages::bigint * pg_catalog.current_setting('block_size')::bigint ELSE pg_catalog.pg_relation_size(c.oid) END
        """;
}
