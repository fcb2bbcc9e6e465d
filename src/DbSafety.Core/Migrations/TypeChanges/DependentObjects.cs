using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>
/// What PostgreSQL works on though it leaves the rows as they are: indexes whose operator class or collation becomes another one, or that have expressions or conditions
/// (<c>CheckIndexCompatible</c> in its source), and constraints of the column, which it validates again.
/// </summary>
internal static class DependentObjects
{
    /// <summary>The default operator class is that of the type itself, or else of one that it is binary coercible to (<c>GetDefaultOpClass</c>).</summary>
    private static string DefaultClass(string type, string method) =>
        $"""
        (SELECT oc.oid FROM pg_catalog.pg_opclass oc JOIN pg_catalog.pg_type o ON o.oid = oc.opcintype JOIN pg_catalog.pg_type t ON t.oid = {type}
            WHERE oc.opcmethod = {method} AND oc.opcdefault AND (oc.opcintype = t.oid
                OR EXISTS (SELECT FROM pg_catalog.pg_cast c WHERE c.castsource = t.oid AND c.casttarget = oc.opcintype AND c.castmethod = 'b' AND c.castcontext = 'i')
                OR (o.typname = 'anyarray' AND t.typlen = -1 AND t.typelem <> 0) OR (o.typname = 'anyenum' AND t.typtype = 'e') OR (o.typname = 'anyrange' AND t.typtype = 'r')
                OR (o.typname = 'anymultirange' AND t.typtype = 'm') OR (o.typname = 'record' AND t.typtype = 'c'))
            ORDER BY oc.opcintype <> t.oid, NOT (o.typispreferred AND o.typcategory = t.typcategory) LIMIT 1)
        """;

    private const string Indexes =
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

    /// <summary>An index with the default operator class gets that of the new type.</summary>
    private static readonly string UnsupportedSql =
        $"""
        {Indexes}
        SELECT DISTINCT x.relname::text, m.amname::text FROM indexes x JOIN pg_catalog.pg_am m ON m.oid = x.relam CROSS JOIN pg_catalog.generate_series(0, x.indnkeyatts - 1) k
        WHERE x.indkey[k] = x.attnum AND x.indclass[k] = {DefaultClass("$3::oid", "x.relam")} AND {DefaultClass("$4::oid", "x.relam")} IS NULL
        ORDER BY 1
        """;

    /// <summary>A foreign key needs an operator that compares both columns, or an implicit cast from the one that refers to the type of the index (<c>ATAddForeignKeyConstraint</c>).</summary>
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
            SELECT k.conname, k.refers, k.referred, {DefaultClass("k.referred", "k.btree")} AS class FROM types k
            WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_type d WHERE d.oid IN (k.refers, k.referred) AND d.typtype = 'd')
        )
        SELECT u.conname::text, pg_catalog.format_type(u.refers, -1), pg_catalog.format_type(u.referred, -1) FROM used u JOIN pg_catalog.pg_opclass o ON o.oid = u.class
        WHERE u.refers <> o.opcintype AND (SELECT typtype FROM pg_catalog.pg_type WHERE oid = o.opcintype) <> 'p'
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_amop a WHERE a.amopfamily = o.opcfamily AND a.amoplefttype = o.opcintype AND a.amoprighttype = u.refers AND a.amopstrategy = 3)
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_cast c WHERE c.castsource = u.refers AND c.casttarget = o.opcintype AND c.castcontext = 'i')
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
        // The same operators compare text and varchar; of other pairs it is not known here.
        var isSameKey = from.Base == to.Base || (from.Base is Text or VarChar && to.Base is Text or VarChar);
        return (indexes, await connection.ListAsync(ConstraintSql, r => r.GetString(0), ct, (long)table, column, !isSameKey));
    }

    /// <summary>Why an index or a foreign key of the column cannot be created again with the new type; null where all can.</summary>
    public static async Task<string?> RefusalAsync(NpgsqlConnection connection, uint table, string column, CatalogType from, CatalogType to, CancellationToken ct)
    {
        if (from.Base == to.Base)
            return null;
        if ((await connection.ListAsync(UnsupportedSql, r => (Index: r.GetString(0), Method: r.GetString(1)), ct, (long)table, column, (long)from.Base, (long)to.Base)) is [var first, ..])
            return $"data type {to.BareName} has no default operator class for access method \"{first.Method}\", which index {SqlName.Display(first.Index)} needs";
        return (await connection.ListAsync(ForeignKeySql, r => (Name: r.GetString(0), Refers: r.GetString(1), Referred: r.GetString(2)), ct, (long)table, column, (long)to.Base)) is [var key, ..]
            ? $"foreign key constraint {SqlName.Display(key.Name)} cannot be implemented: its columns are of incompatible types: {key.Refers} and {key.Referred}" : null;
    }
}
