using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Live;
using Npgsql;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>
/// Reasons for which PostgreSQL rejects a type change that depend on the types only: inheritance and partition keys, and indexes and foreign keys that it cannot re-create. Objects that it does not change with the
/// column, and expressions, are in <see cref="LiveBlockers"/>.
/// </summary>
internal static class Refusals
{
    private const string PlaceSql =
        """
        SELECT a.attinhcount > 0, EXISTS (SELECT FROM pg_catalog.pg_partitioned_table p WHERE p.partrelid = a.attrelid AND a.attnum = ANY (p.partattrs))
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::oid AND a.attname = $2
        """;

    /// <summary>An index with the default operator class gets that of the new type.</summary>
    private static readonly string UnsupportedSql =
        $"""
        {DependentObjects.Indexes}
        SELECT DISTINCT x.relname::text, m.amname::text FROM indexes x JOIN pg_catalog.pg_am m ON m.oid = x.relam CROSS JOIN pg_catalog.generate_series(0, x.indnkeyatts - 1) k
        WHERE x.indkey[k] = x.attnum AND x.indclass[k] = {DependentObjects.DefaultClass("$3::oid", "x.relam")} AND {DependentObjects.DefaultClass("$4::oid", "x.relam")} IS NULL
        ORDER BY 1
        """;

    /// <summary>A foreign key needs an operator that compares both columns, or an implicit cast from the referencing column to the type of the index (<c>ATAddForeignKeyConstraint</c>).</summary>
    private static readonly string ForeignKeySql =
        $"""
        WITH keys AS (
            SELECT c.conname, c.conrelid, c.confrelid, c.conkey[k] AS own, c.confkey[k] AS other, m.oid AS btree
            FROM pg_catalog.pg_constraint c CROSS JOIN pg_catalog.generate_subscripts(c.conkey, 1) k JOIN pg_catalog.pg_am m ON m.amname = 'btree'
            WHERE c.contype = 'f' AND $1::oid IN (c.conrelid, c.confrelid)
        ), types AS (
            SELECT y.conname, y.btree,
                CASE WHEN f.attrelid = $1::oid AND f.attname = $2 THEN $3::oid ELSE f.atttypid END AS refers, CASE WHEN p.attrelid = $1::oid AND p.attname = $2 THEN $3::oid ELSE p.atttypid END AS referred
            FROM keys y JOIN pg_catalog.pg_attribute f ON f.attrelid = y.conrelid AND f.attnum = y.own JOIN pg_catalog.pg_attribute p ON p.attrelid = y.confrelid AND p.attnum = y.other
            WHERE (f.attrelid = $1::oid AND f.attname = $2) OR (p.attrelid = $1::oid AND p.attname = $2)
        ), used AS (
            SELECT k.conname, k.refers, k.referred, {DependentObjects.DefaultClass("k.referred", "k.btree")} AS class FROM types k
            WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_type d WHERE d.oid IN (k.refers, k.referred) AND d.typtype = 'd')
        )
        SELECT u.conname::text, pg_catalog.format_type(u.refers, -1), pg_catalog.format_type(u.referred, -1) FROM used u JOIN pg_catalog.pg_opclass o ON o.oid = u.class
        WHERE u.refers <> o.opcintype AND (SELECT typtype FROM pg_catalog.pg_type WHERE oid = o.opcintype) <> 'p'
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_amop a WHERE a.amopfamily = o.opcfamily AND a.amoplefttype = o.opcintype AND a.amoprighttype = u.refers AND a.amopstrategy = 3)
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_cast c WHERE c.castsource = u.refers AND c.casttarget = o.opcintype AND c.castcontext = 'i')
        ORDER BY 1
        """;

    /// <returns>Null if there is no such reason.</returns>
    public static async Task<string?> FindAsync(NpgsqlConnection connection, LiveTable table, string column, CatalogType from, CatalogType to, CancellationToken ct)
    {
        var (oid, name) = ((long)table.Oid, SqlName.Display(column));
        if (await connection.ListAsync(PlaceSql, r => (IsInherited: r.GetBoolean(0), IsKey: r.GetBoolean(1)), ct, oid, column) is [var place] && (place.IsInherited || place.IsKey))
            return place.IsInherited ? $"cannot alter inherited column {name}" : $"cannot alter column {name} because it is part of the partition key";
        if (from.Base == to.Base)
            return null;
        if (await connection.ListAsync(UnsupportedSql, r => (Index: r.GetString(0), Method: r.GetString(1)), ct, oid, column, (long)from.Base, (long)to.Base) is [var index, ..])
            return $"data type {to.BareName} has no default operator class for access method \"{index.Method}\", which index {SqlName.Display(index.Index)} needs";
        return await connection.ListAsync(ForeignKeySql, r => (Name: r.GetString(0), Refers: r.GetString(1), Referred: r.GetString(2)), ct, oid, column, (long)to.Base) is [var key, ..]
            ? $"foreign key constraint {SqlName.Display(key.Name)} cannot be implemented: its columns are of incompatible types: {key.Refers} and {key.Referred}" : null;
    }
}
