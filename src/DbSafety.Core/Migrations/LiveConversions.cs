using System.Globalization;
using DbSafety.Analysis;
using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>Tries on the live values what a change of a column's type would do to them.</summary>
internal static class LiveConversions
{
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
        if (question.Condition is not { } type)
            return new LiveAnswer(true, null);
        var old = await connection.ScalarAsync<string>("SELECT pg_catalog.format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attname = $2", ct, (long)table.Oid, question.Column!);
        await using var command = new NpgsqlCommand($"SELECT NULL::{type} LIMIT 0", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return new LiveAnswer(true, TypeConversion.IsCatalogOnly(old ?? "", reader.GetDataTypeName(0)) ? 0 : null);
    }
}
