namespace DbSafety.Databases.Tables;

/// <summary>
/// The partitioned table at the top of each partition, and whether pg_dump loads the partition's rows through it: it does so below hash partitions of an
/// enum, whose values have other hashes in another database (src/bin/pg_dump/pg_dump.c, function forcePartitionRootLoad).
/// </summary>
internal static class PartitionTree
{
    /// <summary>The columns <c>oid</c>, <c>root_schema</c>, <c>root_name</c> and <c>by_root</c> of each partition.</summary>
    public const string Sql = """
        WITH RECURSIVE up (oid, parent) AS (
            SELECT i.inhrelid, i.inhparent FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition AND c.relkind IN ('r', 'p', 'f')
            UNION ALL
            SELECT up.oid, i.inhparent FROM up JOIN pg_catalog.pg_class c ON c.oid = up.parent AND c.relispartition JOIN pg_catalog.pg_inherits i ON i.inhrelid = up.parent
        ), tree AS (
            SELECT up.oid, pg_catalog.max(up.parent) FILTER (WHERE NOT c.relispartition) AS root,
                   pg_catalog.bool_or((SELECT o.oid FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_am a ON a.oid = o.opcmethod
                                       WHERE o.opcname = 'enum_ops' AND o.opcnamespace = 'pg_catalog'::pg_catalog.regnamespace AND a.amname = 'hash') = ANY (p.partclass)) AS by_root
            FROM up JOIN pg_catalog.pg_class c ON c.oid = up.parent JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = up.parent
            GROUP BY up.oid
        )
        SELECT tree.oid, n.nspname AS root_schema, c.relname AS root_name, tree.by_root
        FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.root JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        """;
}
