using System.Globalization;
using DbSafety.Analysis;
using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>Tries on the live values what a change of a column's type would do to them.</summary>
internal static class LiveConversions
{
    /// <summary>
    /// What makes PostgreSQL read the rows though it leaves them as they are: checks of the column are tested again, indexes with expressions or
    /// conditions are built again, and so are all where the collation changes.
    /// </summary>
    private const string Worked =
        """
        SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conrelid = a.attrelid AND contype = 'c' AND a.attnum = ANY (conkey))
            OR EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_index i ON i.indexrelid = d.objid
                WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL))
            OR a.attcollation <> (SELECT typcollation FROM pg_catalog.pg_type WHERE oid = a.atttypid)
        FROM pg_catalog.pg_attribute a WHERE attrelid = $1::oid AND attname = $2
        """;

    /// <summary>How many values the conversion does not take. All are tried at once; only if one fails are they tried one by one.</summary>
    public static async Task<LiveAnswer> UnconvertibleAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, LiveTable table, LiveQuestion question, CancellationToken ct)
    {
        if (question.Condition is not { } converted)
            return new LiveAnswer(true, null);
        await transaction.SaveAsync("conversion", ct);
        try
        {
            await connection.ScalarAsync<long>($"SELECT count({converted}) FROM {table.Sql}", ct);
            return new LiveAnswer(true, 0);
        }
        // Class 22: data exception.
        catch (PostgresException e) when (e.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            await transaction.RollbackAsync("conversion", ct);
        }

        // PL/pgSQL alone can catch an error row by row; it hands the number back as a setting of the transaction.
        await connection.ExecuteAsync("DO " + SqlName.Literal(
            $"""
            DECLARE
                r {table.Sql}%ROWTYPE;
                n bigint := 0;
            BEGIN
                FOR r IN SELECT * FROM {table.Sql} LOOP
                    BEGIN
                        PERFORM ({converted}) FROM (SELECT r.*) AS {SqlName.Quote(table.Name)};
                    EXCEPTION WHEN data_exception THEN
                        n := n + 1;
                    END;
                END LOOP;
                PERFORM set_config('dbsafety.unconvertible', n::text, true);
            END
            """), ct);
        return new LiveAnswer(true, long.Parse((await connection.ScalarAsync<string>("SELECT current_setting('dbsafety.unconvertible')", ct))!, CultureInfo.InvariantCulture));
    }

    /// <summary>0 where the change is one of the catalog alone; null where that is not known.</summary>
    public static async Task<LiveAnswer> RewrittenAsync(NpgsqlConnection connection, LiveTable table, LiveQuestion question, CancellationToken ct)
    {
        if (question.Condition is not { } type || await connection.ScalarAsync<bool>(Worked, ct, (long)table.Oid, question.Column!) || await IsDomainAsync(connection, type, ct))
            return new LiveAnswer(true, null);
        var old = await connection.ScalarAsync<string>("SELECT pg_catalog.format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attname = $2", ct, (long)table.Oid, question.Column!);
        await using var command = new NpgsqlCommand($"SELECT NULL::{type} LIMIT 0", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return new LiveAnswer(true, TypeConversion.IsCatalogOnly(old ?? "", reader.GetDataTypeName(0)) ? 0 : null);
    }

    /// <summary>0 where a new column of that type leaves the rows as they are: where it is no domain with constraints.</summary>
    public static async Task<LiveAnswer> NewColumnRewrittenAsync(NpgsqlConnection connection, string type, CancellationToken ct) =>
        new(true, await connection.ScalarAsync<bool>(
            """
            WITH RECURSIVE bases(oid) AS (
                SELECT pg_catalog.to_regtype($1)::oid UNION SELECT t.typbasetype FROM bases b JOIN pg_catalog.pg_type t ON t.oid = b.oid WHERE t.typtype = 'd')
            SELECT pg_catalog.to_regtype($1) IS NULL OR EXISTS (SELECT FROM bases b JOIN pg_catalog.pg_type t ON t.oid = b.oid WHERE t.typtype = 'd' AND (t.typnotnull OR EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE contypid = t.oid)))
            """, ct, type) ? null : 0);

    /// <summary>0 where the column, or each column of the index, is NOT NULL already or has a validated check that says so.</summary>
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

    /// <summary>A result's type is told as the one a domain is based on. No value is converted to it, not even NULL: that calls what checks it.</summary>
    private static Task<bool> IsDomainAsync(NpgsqlConnection connection, string type, CancellationToken ct) =>
        connection.ScalarAsync<bool>("SELECT typtype = 'd' FROM pg_catalog.pg_type WHERE oid = pg_catalog.to_regtype($1)", ct, type);
}
