using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>A column, as the catalog has it.</summary>
/// <param name="Type">Without its limit.</param>
/// <param name="HasTypeDefault">It is of a domain that has a default.</param>
/// <param name="IsNotNullAbove">In the partitioned table, or in a table that this one inherits from.</param>
internal sealed record CatalogColumn(
    bool IsSystem, uint TypeOid, string Type, bool IsNotNull, bool HasDefault, bool IsIdentity, bool IsGenerated, bool IsInherited, bool IsPartitionKey, bool IsInPrimaryKey, bool HasTypeDefault, bool IsNotNullAbove)
{
    private const string Sql =
        """
        SELECT a.attnum < 0, a.atttypid, pg_catalog.format_type(a.atttypid, -1), a.attnotnull, a.atthasdef, a.attidentity <> '', a.attgenerated <> '', a.attinhcount > 0,
            EXISTS (SELECT FROM pg_catalog.pg_partitioned_table p WHERE p.partrelid = a.attrelid AND (a.attnum = ANY (p.partattrs) OR (p.partexprs IS NOT NULL
                AND EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = a.attrelid AND d.objsubid = a.attnum AND d.refobjid = a.attrelid AND d.refobjsubid = 0 AND d.deptype = 'i')))),
            EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)),
            y.typdefault IS NOT NULL,
            EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname WHERE i.inhrelid = a.attrelid AND p.attnotnull AND NOT p.attisdropped)
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid = a.atttypid WHERE a.attrelid = $1::oid AND a.attname = $2 AND NOT a.attisdropped
        """;

    public static async Task<CatalogColumn?> FindAsync(NpgsqlConnection connection, CatalogRelation relation, string name, CancellationToken ct) =>
        (await connection.ListAsync(
            Sql,
            r => new CatalogColumn(r.GetBoolean(0), r.GetFieldValue<uint>(1), r.GetString(2), r.GetBoolean(3), r.GetBoolean(4), r.GetBoolean(5), r.GetBoolean(6), r.GetBoolean(7), r.GetBoolean(8), r.GetBoolean(9), r.GetBoolean(10), r.GetBoolean(11)),
            ct, (long)relation.Oid, name)).FirstOrDefault();
}
