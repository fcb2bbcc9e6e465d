using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>Whether a second session could read a table now. PostgreSQL locks the indexes of a table that it reads too.</summary>
internal static class ReaderLocks
{
    /// <summary>Any session's, this one's too, on the table, its partitions and their indexes.</summary>
    public static Task<bool> AreTakenAsync(NpgsqlConnection connection, uint table, CancellationToken ct) => connection.ScalarAsync<bool>(
        """
        WITH RECURSIVE tree(oid) AS (SELECT $1::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree t ON i.inhparent = t.oid),
            read(oid) AS (SELECT oid FROM tree UNION ALL SELECT i.indexrelid FROM pg_catalog.pg_index i JOIN tree t ON i.indrelid = t.oid)
        SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l JOIN read r ON r.oid = l.relation WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.granted)
        """, ct, (long)table);
}
