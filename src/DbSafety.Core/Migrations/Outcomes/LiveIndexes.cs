using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>Finds the indexes with which a foreign key is checked when a referenced row is deleted.</summary>
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

    /// <summary>Why PostgreSQL rejects a unique key regardless of the rows (https://www.postgresql.org/docs/current/ddl-partitioning.html); null where it does not.</summary>
    public static async Task<string?> RefusedAsync(NpgsqlConnection connection, LiveTable table, LiveKey key, CancellationToken ct)
    {
        if (key.IsPrimary && await connection.ScalarAsync<string>("SELECT conname::text FROM pg_catalog.pg_constraint WHERE conrelid = $1::oid AND contype = 'p'", ct, (long)table.Oid) is { } primary)
            return $"because the table has primary key {SqlName.Display(primary)}";
        var missing = await connection.ListAsync(
            """
            WITH RECURSIVE own(oid) AS (SELECT $1::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN own ON i.inhparent = own.oid)
            SELECT DISTINCT coalesce(a.attname::text, '') FROM own JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = own.oid CROSS JOIN pg_catalog.unnest(p.partattrs::int2[]) k(num)
                LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = own.oid AND a.attnum = k.num AND k.num <> 0 WHERE a.attname IS NULL OR a.attname <> ALL ($2) ORDER BY 1
            """, r => r.GetString(0), ct, (long)table.Oid, key.Columns.ToArray());
        return missing.Count == 0 ? null
            : missing[0].Length == 0 ? "because the table is partitioned by an expression"
            : $"because a unique key of a partitioned table must include {string.Join(", ", missing.Select(SqlName.Display))}, by which it is partitioned";
    }
}
