using DbSafety.Analysis;
using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>Looks for the indexes that a foreign key is checked with when a referenced row is deleted.</summary>
internal static class LiveIndexes
{
    /// <summary>Of all rows, or of those that have a key; valid; by equality of the column itself; with the key's columns first, in any order.</summary>
    private const string CoveringSql =
        """
        SELECT c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = c.relam
        WHERE i.indrelid = $1::oid AND i.indisvalid AND m.amname IN ('btree', 'hash') AND i.indnkeyatts >= pg_catalog.cardinality($2::text[])
            AND (i.indpred IS NULL OR pg_catalog.pg_get_expr(i.indpred, i.indrelid) ~ 'IS NOT NULL')
            AND (SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attname) FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY k(num, at)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num WHERE k.at <= pg_catalog.cardinality($2::text[]))
                = (SELECT pg_catalog.array_agg(n ORDER BY n COLLATE "C") FROM pg_catalog.unnest($2::text[]) n)
        ORDER BY 1 LIMIT 1
        """;

    /// <summary>None: 1. One of them: 0, with its name.</summary>
    public static async Task<LiveAnswer> CoveringAsync(NpgsqlConnection connection, LiveTable table, LiveQuestion question, CancellationToken ct)
    {
        var names = await connection.ListAsync(CoveringSql, r => r.GetString(0), ct, (long)table.Oid, (object)question.Condition!.Split('\0'));
        return new LiveAnswer(true, names.Count == 0 ? 1 : 0) { Names = names };
    }
}
