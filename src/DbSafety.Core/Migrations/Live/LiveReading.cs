using DbSafety.Analysis.Findings.Live;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>Whether PostgreSQL reads or rewrites all rows for a new column, or to check for NULLs.</summary>
internal static class LiveReading
{
    /// <summary>0 if a new column of that type does not rewrite the table: the type is not a domain with constraints.</summary>
    public static async Task<LiveAnswer> NewColumnRewrittenAsync(NpgsqlConnection connection, string type, CancellationToken ct) =>
        new(true, await connection.ScalarAsync<bool>(
            """
            WITH RECURSIVE bases(oid) AS (
                SELECT pg_catalog.to_regtype($1)::oid UNION SELECT t.typbasetype FROM bases b JOIN pg_catalog.pg_type t ON t.oid = b.oid WHERE t.typtype = 'd')
            SELECT pg_catalog.to_regtype($1) IS NULL OR EXISTS (SELECT FROM bases b JOIN pg_catalog.pg_type t ON t.oid = b.oid WHERE t.typtype = 'd' AND (t.typnotnull OR EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE contypid = t.oid)))
            """, ct, type) ? null : 0);

    /// <summary>0 if the column, or each column of the index, is NOT NULL already or has a validated check that proves it.</summary>
    public static async Task<LiveAnswer> ReadAsync(NpgsqlConnection connection, LiveTable table, LiveQuestion question, CancellationToken ct)
    {
        var columns = question.Column is { } column ? [column] : await connection.ListAsync(
            "SELECT a.attname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = $1::oid AND c.relname = $2",
            r => r.GetString(0), ct, (long)table.Oid, question.Condition!);
        if (columns.Count == 0)
            return new LiveAnswer(true, null);
        var open = await connection.ScalarAsync<long>(
            """
            SELECT count(*) FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::oid AND a.attname = ANY ($2) AND NOT a.attnotnull
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conrelid = a.attrelid AND c.contype = 'c' AND c.convalidated
                    AND pg_catalog.pg_get_expr(c.conbin, c.conrelid) = '(' || pg_catalog.quote_ident(a.attname) || ' IS NOT NULL)')
            """, ct, (long)table.Oid, columns.ToArray());
        return new LiveAnswer(true, open);
    }
}
