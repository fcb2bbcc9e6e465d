using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>Looks up which tables an effect reaches: partitions, children, and those tied by foreign keys.</summary>
internal static class TableReach
{
    private const string Columns = "c.oid, n.nspname, c.relname, c.relkind";

    private const string Reached =
        """
        edges(above, below) AS (
            SELECT i.inhparent, i.inhrelid FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid WHERE $2 AND (c.relispartition OR NOT $5)
            UNION ALL
            SELECT confrelid, conrelid FROM pg_catalog.pg_constraint WHERE contype = 'f' AND ($3 OR ($4 AND confdeltype = 'c'))
        ), reached(oid) AS (
            SELECT $1::oid UNION SELECT e.below FROM edges e JOIN reached r ON e.above = r.oid
        )
        """;

    public static async Task<LiveTable?> FindAsync(NpgsqlConnection connection, RelationName name, CancellationToken ct) =>
        (await connection.ListAsync(
            $"SELECT {Columns} FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'm', 'f')",
            Read, ct, name.Sql)).FirstOrDefault();

    /// <summary>By its OID, which RENAME does not change.</summary>
    public static async Task<LiveTable?> FindAsync(NpgsqlConnection connection, uint oid, CancellationToken ct) =>
        (await connection.ListAsync(
            $"SELECT {Columns} FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid AND c.relkind IN ('r', 'p', 'm')",
            Read, ct, (long)oid)).FirstOrDefault();

    /// <summary>Whether it is a foreign table, or has one among its partitions or inheritance children.</summary>
    public static Task<bool> ReachesForeignAsync(NpgsqlConnection connection, uint oid, CancellationToken ct) =>
        connection.ScalarAsync<bool>(
            """
            WITH RECURSIVE reached(oid) AS (SELECT $1::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN reached r ON i.inhparent = r.oid)
            SELECT EXISTS (SELECT FROM reached r JOIN pg_catalog.pg_class c ON c.oid = r.oid WHERE c.relkind = 'f')
            """, ct, (long)oid);

    /// <summary>The server that the rows of a table, or of what an effect reaches with it, are on; null if all rows are in this database.</summary>
    public static Task<string?> ForeignServerAsync(NpgsqlConnection connection, LiveTable table, LiveReach reach, CancellationToken ct) =>
        connection.ScalarAsync<string>(
            $"""
            WITH RECURSIVE {Reached}
            SELECT s.srvname FROM reached r JOIN pg_catalog.pg_foreign_table f ON f.ftrelid = r.oid JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver ORDER BY 1 LIMIT 1
            """, ct, (long)table.Oid, reach != LiveReach.Only, reach == LiveReach.References, reach == LiveReach.DeleteCascades, reach == LiveReach.Partitions);

    /// <summary>The table itself comes first.</summary>
    public static Task<List<LiveTable>> ReachedAsync(NpgsqlConnection connection, LiveTable table, LiveReach reach, CancellationToken ct) =>
        connection.ListAsync(
            $"""
            WITH RECURSIVE {Reached}
            SELECT {Columns} FROM reached r JOIN pg_class c ON c.oid = r.oid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'm') ORDER BY c.oid <> $1::oid, 2, 3
            """,
            Read, ct, (long)table.Oid, reach != LiveReach.Only, reach == LiveReach.References, reach == LiveReach.DeleteCascades, reach == LiveReach.Partitions);

    public static Task<List<LiveTable>> InSchemaAsync(NpgsqlConnection connection, string schema, CancellationToken ct) =>
        connection.ListAsync(
            $"SELECT {Columns} FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'm') ORDER BY 3",
            Read, ct, schema);

    public static Task<List<LiveTable>> InSchemaAsync(NpgsqlConnection connection, uint schema, CancellationToken ct) =>
        connection.ListAsync(
            $"SELECT {Columns} FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.oid = $1::oid AND c.relkind IN ('r', 'p', 'm') ORDER BY 3",
            Read, ct, (long)schema);

    /// <summary>The tables with a column of that type.</summary>
    public static Task<List<LiveTable>> OfTypeAsync(NpgsqlConnection connection, uint type, CancellationToken ct) =>
        connection.ListAsync(
            $"""
            SELECT {Columns} FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'm') AND EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.atttypid = $1::oid AND NOT a.attisdropped) ORDER BY 2, 3
            """,
            Read, ct, (long)type);

    /// <summary>It, or a partition of it, is partitioned by one of these columns or by an expression; an empty list means any column.</summary>
    public static Task<bool> IsPartitionedByAsync(NpgsqlConnection connection, RelationName table, string[] columns, CancellationToken ct) => connection.ScalarAsync<bool>(
        """
        SELECT EXISTS (SELECT FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass($1)) r JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = r.relid
            WHERE pg_catalog.cardinality($2) = 0 OR 0 = ANY (p.partattrs::int2[])
                OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs::int2[]) AND a.attname = ANY ($2)))
        """, ct, table.Sql, (object)columns);

    public static Task<bool> IsPartAsync(NpgsqlConnection connection, PartOf part, CancellationToken ct) => connection.ScalarAsync<bool>(
        """
        WITH RECURSIVE above(oid, is_partition) AS (
            SELECT pg_catalog.to_regclass($2)::oid, true
            UNION SELECT i.inhparent, a.is_partition AND c.relispartition FROM above a JOIN pg_catalog.pg_inherits i ON i.inhrelid = a.oid JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid)
        SELECT EXISTS (SELECT FROM above a WHERE a.oid = pg_catalog.to_regclass($1) AND (a.is_partition OR NOT $3))
        """, ct, part.Table.Sql, part.Part.Sql, part.IsPartition);

    /// <summary>Whether foreign keys make that change of rows of one table from a change of rows of the other.</summary>
    public static Task<bool> IsReachedAsync(NpgsqlConnection connection, PartOf part, ByKey by, CancellationToken ct) => connection.ScalarAsync<bool>(
        """
        WITH RECURSIVE reached(oid, kind, columns, by_key) AS (
            SELECT pg_catalog.to_regclass($1)::oid, $3::text, $5::text[] COLLATE "C", false
            UNION SELECT n.oid, n.kind, n.columns, n.by_key FROM reached r, LATERAL (
                SELECT i.inhrelid, r.kind, r.columns, r.by_key FROM pg_catalog.pg_inherits i WHERE i.inhparent = r.oid
                UNION ALL SELECT i.inhparent, r.kind, r.columns, false FROM pg_catalog.pg_inherits i WHERE i.inhrelid = r.oid AND NOT r.by_key
                UNION ALL SELECT k.conrelid, CASE WHEN r.kind = 'delete' AND k.confdeltype = 'c' THEN 'delete' ELSE 'update' END, ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) ORDER BY a.attnum), true
                    FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND k.confrelid = r.oid AND CASE r.kind WHEN 'delete' THEN k.confdeltype IN ('c', 'n', 'd') ELSE k.confupdtype IN ('c', 'n', 'd')
                        AND (pg_catalog.cardinality(r.columns) = 0 OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.oid AND a.attnum = ANY (k.confkey) AND (a.attname = ANY (r.columns) OR a.attgenerated <> ''))) END) n(oid, kind, columns, by_key))
        SELECT EXISTS (SELECT FROM reached r WHERE r.by_key AND r.oid = pg_catalog.to_regclass($2) AND r.kind = $4)
        """, ct, part.Table.Sql, part.Part.Sql, by.From, by.To, by.Columns.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    private static LiveTable Read(NpgsqlDataReader r) => new(r.GetFieldValue<uint>(0), r.GetString(1), r.GetString(2), r.GetChar(3));
}
