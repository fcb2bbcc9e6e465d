using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>
/// What depends on a column and has PostgreSQL refuse another type for it: objects that it does not change with the column (<c>RememberAllDependentForRebuilding</c> in its source), and indexes, foreign keys and
/// expressions that it cannot create again.
/// </summary>
internal static class Refusals
{
    /// <summary>In the words of PostgreSQL's own errors.</summary>
    private const string HoldersSql =
        """
        SELECT CASE d.classid::pg_catalog.regclass::text
                WHEN 'pg_rewrite' THEN 'a view or rule' WHEN 'pg_policy' THEN 'a policy definition' WHEN 'pg_trigger' THEN 'a trigger definition'
                WHEN 'pg_publication_rel' THEN 'a publication WHERE clause' WHEN 'pg_proc' THEN 'a function or procedure' ELSE 'a generated column' END,
            pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
        WHERE a.attrelid = $1::oid AND a.attname = $2 AND (
            d.classid::pg_catalog.regclass::text IN ('pg_rewrite', 'pg_policy', 'pg_proc')
            OR (d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.oid = d.objid AND NOT t.tgisinternal))
            OR (d.classid::pg_catalog.regclass::text = 'pg_publication_rel' AND d.deptype = 'n')
            OR EXISTS (SELECT FROM pg_catalog.pg_attrdef e JOIN pg_catalog.pg_attribute g ON g.attrelid = e.adrelid AND g.attnum = e.adnum
                WHERE d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND e.oid = d.objid AND g.attgenerated <> '' AND g.attnum <> a.attnum)
            OR EXISTS (SELECT FROM pg_catalog.pg_attribute g WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND g.attrelid = d.objid AND g.attnum = d.objsubid AND d.objid = a.attrelid AND g.attgenerated <> '' AND g.attnum <> a.attnum))
        ORDER BY 1, 2
        """;

    private const string PlaceSql =
        """
        SELECT a.attinhcount > 0, EXISTS (SELECT FROM pg_catalog.pg_partitioned_table p WHERE p.partrelid = a.attrelid AND a.attnum = ANY (p.partattrs))
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::oid AND a.attname = $2
        """;

    /// <summary>Checks, and indexes with expressions or conditions, of the column: their text is read again with the new type.</summary>
    private static readonly string ExpressionSql =
        $"""
        {DependentObjects.Indexes}
        SELECT 'constraint', c.conname::text, pg_catalog.pg_get_expr(c.conbin, c.conrelid) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_constraint c ON c.conrelid = a.attrelid AND c.contype = 'c' AND a.attnum = ANY (c.conkey)
            WHERE a.attrelid = $1::oid AND a.attname = $2
        UNION ALL
        SELECT 'index', x.relname::text, e.expression FROM indexes x CROSS JOIN LATERAL (VALUES (pg_catalog.pg_get_expr(x.indexprs, x.indrelid)), (pg_catalog.pg_get_expr(x.indpred, x.indrelid))) AS e (expression)
            WHERE x.indrelid = $1::oid AND e.expression IS NOT NULL
        ORDER BY 1, 2
        """;

    /// <summary>An index with the default operator class gets that of the new type.</summary>
    private static readonly string UnsupportedSql =
        $"""
        {DependentObjects.Indexes}
        SELECT DISTINCT x.relname::text, m.amname::text FROM indexes x JOIN pg_catalog.pg_am m ON m.oid = x.relam CROSS JOIN pg_catalog.generate_series(0, x.indnkeyatts - 1) k
        WHERE x.indkey[k] = x.attnum AND x.indclass[k] = {DependentObjects.DefaultClass("$3::oid", "x.relam")} AND {DependentObjects.DefaultClass("$4::oid", "x.relam")} IS NULL
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
            SELECT k.conname, k.refers, k.referred, {DependentObjects.DefaultClass("k.referred", "k.btree")} AS class FROM types k
            WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_type d WHERE d.oid IN (k.refers, k.referred) AND d.typtype = 'd')
        )
        SELECT u.conname::text, pg_catalog.format_type(u.refers, -1), pg_catalog.format_type(u.referred, -1) FROM used u JOIN pg_catalog.pg_opclass o ON o.oid = u.class
        WHERE u.refers <> o.opcintype AND (SELECT typtype FROM pg_catalog.pg_type WHERE oid = o.opcintype) <> 'p'
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_amop a WHERE a.amopfamily = o.opcfamily AND a.amoplefttype = o.opcintype AND a.amoprighttype = u.refers AND a.amopstrategy = 3)
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_cast c WHERE c.castsource = u.refers AND c.casttarget = o.opcintype AND c.castcontext = 'i')
        ORDER BY 1
        """;

    /// <returns>Null where nothing of this refuses it.</returns>
    public static async Task<string?> FindAsync(NpgsqlConnection connection, LiveTable table, string column, CatalogType from, CatalogType to, CancellationToken ct)
    {
        var (oid, name) = ((long)table.Oid, SqlName.Display(column));
        if (await connection.ListAsync(PlaceSql, r => (IsInherited: r.GetBoolean(0), IsKey: r.GetBoolean(1)), ct, oid, column) is [var place] && (place.IsInherited || place.IsKey))
            return place.IsInherited ? $"cannot alter inherited column {name}" : $"cannot alter column {name} because it is part of the partition key";
        if (await connection.ListAsync(HoldersSql, r => (Kind: r.GetString(0), Name: r.GetString(1)), ct, oid, column) is [var holder, ..])
            return $"cannot alter type of a column used by {holder.Kind}: {holder.Name} depends on column {name}";
        if (from.Base == to.Base)
            return null;
        if (await connection.ListAsync(UnsupportedSql, r => (Index: r.GetString(0), Method: r.GetString(1)), ct, oid, column, (long)from.Base, (long)to.Base) is [var index, ..])
            return $"data type {to.BareName} has no default operator class for access method \"{index.Method}\", which index {SqlName.Display(index.Index)} needs";
        if (await connection.ListAsync(ForeignKeySql, r => (Name: r.GetString(0), Refers: r.GetString(1), Referred: r.GetString(2)), ct, oid, column, (long)to.Base) is [var key, ..])
            return $"foreign key constraint {SqlName.Display(key.Name)} cannot be implemented: its columns are of incompatible types: {key.Refers} and {key.Referred}";
        return await OfExpressionAsync(connection, table, column, to, ct);
    }

    /// <summary>They are only analysed, over a table that has the new type.</summary>
    private static async Task<string?> OfExpressionAsync(NpgsqlConnection connection, LiveTable table, string column, CatalogType to, CancellationToken ct)
    {
        var expressions = await connection.ListAsync(ExpressionSql, r => (Kind: r.GetString(0), Name: r.GetString(1), Sql: r.GetString(2)), ct, (long)table.Oid, column);
        if (expressions.Count == 0)
            return null;
        var others = await connection.ListAsync("SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped AND attname <> $2", r => SqlName.Quote(r.GetString(0)), ct, (long)table.Oid, column);
        var row = $"(SELECT {string.Concat(others.Select(o => o + ", "))}NULL::{to.Name} AS {SqlName.Quote(column)} FROM {table.Sql}) AS {SqlName.Quote(table.Name)}";
        foreach (var expression in expressions)
        {
            await connection.ExecuteAsync("SAVEPOINT dbsafety_expression", ct);
            try
            {
                await new TypeCatalog(connection).OfExpressionAsync($"ROW({expression.Sql})", row, ct);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.CannotCoerce or PostgresErrorCodes.DatatypeMismatch)
            {
                await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT dbsafety_expression", ct);
                return $"{expression.Kind} {SqlName.Display(expression.Name)} cannot be created again: {e.MessageText}";
            }
        }

        return null;
    }
}
