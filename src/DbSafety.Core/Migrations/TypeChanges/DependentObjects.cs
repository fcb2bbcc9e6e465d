using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>
/// The objects that PostgreSQL processes although it does not rewrite the rows: indexes whose operator class or collation changes, or that have expressions or predicates
/// (<c>CheckIndexCompatible</c> in its source), and constraints of the column, which it validates again.
/// </summary>
internal static class DependentObjects
{
    /// <summary>The default operator class is that of the type itself, or else of one that it is binary coercible to (<c>GetDefaultOpClass</c>).</summary>
    public static string DefaultClass(string type, string method) =>
        $"""
        (SELECT oc.oid FROM pg_catalog.pg_opclass oc JOIN pg_catalog.pg_type o ON o.oid = oc.opcintype JOIN pg_catalog.pg_type t ON t.oid = {type}
            WHERE oc.opcmethod = {method} AND oc.opcdefault AND (oc.opcintype = t.oid
                OR EXISTS (SELECT FROM pg_catalog.pg_cast c WHERE c.castsource = t.oid AND c.casttarget = oc.opcintype AND c.castmethod = 'b' AND c.castcontext = 'i')
                OR (o.typname = 'anyarray' AND t.typlen = -1 AND t.typelem <> 0) OR (o.typname = 'anyenum' AND t.typtype = 'e') OR (o.typname = 'anyrange' AND t.typtype = 'r')
                OR (o.typname = 'anymultirange' AND t.typtype = 'm') OR (o.typname = 'record' AND t.typtype = 'c'))
            ORDER BY oc.opcintype <> t.oid, NOT (o.typispreferred AND o.typcategory = t.typcategory) LIMIT 1)
        """;

    /// <summary>The indexes that the column is in, or that have it in an expression or a condition.</summary>
    public const string Indexes =
        """
        WITH RECURSIVE family(oid) AS (
            SELECT $1::oid UNION SELECT i.inhrelid FROM family f JOIN pg_catalog.pg_inherits i ON i.inhparent = f.oid
        ), indexes AS (
            SELECT i.*, c.relname, c.relam, a.attnum, a.attcollation FROM family f JOIN pg_catalog.pg_attribute a ON a.attrelid = f.oid AND a.attname = $2 AND NOT a.attisdropped
                JOIN pg_catalog.pg_index i ON i.indrelid = f.oid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
            WHERE a.attnum = ANY (i.indkey) OR EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid
                AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum)
        )
        """;

    private static readonly string RebuiltSql =
        $"""
        {Indexes}
        SELECT DISTINCT x.relname::text FROM indexes x
        WHERE x.indexprs IS NOT NULL OR x.indpred IS NOT NULL
            OR EXISTS (SELECT FROM pg_catalog.generate_series(0, x.indnkeyatts - 1) k JOIN pg_catalog.pg_opclass used ON used.oid = x.indclass[k]
                WHERE x.indkey[k] = x.attnum AND (
                    (used.oid = {DefaultClass("$3::oid", "x.relam")} AND used.oid IS DISTINCT FROM {DefaultClass("$4::oid", "x.relam")})
                    OR ($5::oid <> $6::oid AND (SELECT typtype FROM pg_catalog.pg_type WHERE oid = used.opcintype) = 'p')
                    OR x.attcollation <> (SELECT typcollation FROM pg_catalog.pg_type WHERE oid = $6::oid)))
        ORDER BY 1
        """;

    private const string ConstraintSql =
        """
        SELECT DISTINCT c.conname::text FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_constraint c
            ON (c.conrelid = a.attrelid AND a.attnum = ANY (c.conkey) AND (c.contype = 'c' OR (c.contype = 'f' AND $3))) OR (c.confrelid = a.attrelid AND a.attnum = ANY (c.confkey) AND c.contype = 'f' AND $3)
        WHERE a.attrelid = $1::oid AND a.attname = $2 ORDER BY 1
        """;

    private const uint Text = 25, VarChar = 1043;

    public static async Task<(IReadOnlyList<string> Indexes, IReadOnlyList<string> Constraints)> FindAsync(
        NpgsqlConnection connection, uint table, string column, CatalogType from, CatalogType to, CancellationToken ct)
    {
        var indexes = await connection.ListAsync(RebuiltSql, r => r.GetString(0), ct, (long)table, column, (long)from.Base, (long)to.Base, (long)from.Oid, (long)to.Oid);
        // The same operators compare text and varchar; for other pairs it is unknown here.
        var isSameKey = from.Base == to.Base || (from.Base is Text or VarChar && to.Base is Text or VarChar);
        return (indexes, await connection.ListAsync(ConstraintSql, r => r.GetString(0), ct, (long)table, column, !isSameKey));
    }
}
