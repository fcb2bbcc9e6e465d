using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>The partitioned table at the top of a partition; of any other table, itself.</summary>
internal sealed record PartitionRoot(uint Oid, string Schema, string Name)
{
    public string Display => new RelationName(Schema, Name).Display("public");
}

/// <summary>Looks up the tables that partitions belong to. PostgreSQL has pg_partition_root only in version 12 and later.</summary>
internal static class PartitionRoots
{
    public static async Task<Dictionary<uint, PartitionRoot>> ReadAsync(NpgsqlConnection connection, IEnumerable<uint> tables, CancellationToken ct) =>
        (await connection.ListAsync(
            """
            WITH RECURSIVE up(oid, top) AS (
                SELECT t, t FROM pg_catalog.unnest($1::oid[]) t
                UNION ALL
                SELECT up.oid, i.inhparent FROM up JOIN pg_catalog.pg_class c ON c.oid = up.top AND c.relispartition JOIN pg_catalog.pg_inherits i ON i.inhrelid = up.top
            )
            SELECT up.oid, c.oid, n.nspname, c.relname FROM up JOIN pg_catalog.pg_class c ON c.oid = up.top AND NOT c.relispartition
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            """,
            r => (Oid: r.GetFieldValue<uint>(0), Root: new PartitionRoot(r.GetFieldValue<uint>(1), r.GetString(2), r.GetString(3))), ct, tables.Select(t => (long)t).ToArray())).ToDictionary(t => t.Oid, t => t.Root);
}
