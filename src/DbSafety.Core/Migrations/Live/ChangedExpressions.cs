using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>
/// PostgreSQL rebuilds checks and indexes of a column for its new type, and fails if they require an operator or function that this type does not have. They are parsed here with
/// the new type, and not run.
/// </summary>
internal static class ChangedExpressions
{
    /// <summary>Of checks and indexes.</summary>
    private const string ExpressionsSql =
        """
        WITH changed AS (SELECT attrelid, attnum FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped)
        SELECT c.conname::text, 'constraint ' || c.conname, pg_catalog.pg_get_expr(c.conbin, c.conrelid)
            FROM pg_catalog.pg_constraint c JOIN changed h ON c.conrelid = h.attrelid AND h.attnum = ANY (c.conkey) WHERE c.contype = 'c'
        UNION ALL SELECT x.relname::text, 'index ' || x.relname, e.text
            FROM pg_catalog.pg_index i JOIN changed h ON i.indrelid = h.attrelid JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
            CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS text
                UNION ALL SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k.at::int, false) FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY k(num, at) WHERE k.num = 0) e
            WHERE e.text IS NOT NULL AND EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid AND d.refobjid = h.attrelid AND d.refobjsubid = h.attnum)
        """;

    private const string ColumnsSql = "SELECT attname::text FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum";

    /// <summary>Those that cannot be rebuilt.</summary>
    /// <param name="isGone">The set drops the relation first, or that constraint or index of it, or changes the column.</param>
    public static async Task<IReadOnlyList<string>> RefusedAsync(NpgsqlTransaction transaction, LiveDependents question, Func<RelationName, string, bool> isGone, CancellationToken ct)
    {
        var (connection, name, table) = (transaction.Connection!, question.Names[0], question.Names[0].Sql);
        var all = await connection.ListAsync(ExpressionsSql, r => (Name: r.GetString(0), Text: r.GetString(1), Expression: r.GetString(2)), ct, table, question.Part!);
        if (all.Count == 0)
            return [];
        // Of columns that earlier statements change, the types are not those of the catalog.
        var columns = await connection.ListAsync(ColumnsSql, r => r.GetString(0), ct, table);
        if (columns.Exists(c => isGone(name, c)))
            return [];
        var row = string.Join(", ", columns.Select(c => question.Types.TryGetValue(c, out var changed) ? $"NULL::{changed} AS {SqlName.Quote(c)}" : $"dbsafety_row.{SqlName.Quote(c)}"));
        var refused = new List<string>();
        foreach (var one in all.Where(a => !isGone(name, a.Name) && !isGone(name with { Name = a.Name }, "")))
        {
            var query = $"SELECT ({one.Expression}) FROM (SELECT {row} FROM ONLY {table} AS dbsafety_row) AS {SqlName.Quote(name.Name)}";
            if (await ParseErrorAsync(transaction, query, ct) is { } error)
                refused.Add($"{one.Text} ({error})");
        }

        return refused;
    }

    /// <summary>PREPARE parses the query and does not run, nor plan it.</summary>
    private static async Task<string?> ParseErrorAsync(NpgsqlTransaction transaction, string query, CancellationToken ct)
    {
        var connection = transaction.Connection!;
        await transaction.SaveAsync("expression", ct);
        try
        {
            await connection.ExecuteAsync($"PREPARE dbsafety_expression AS {query}", ct);
            await connection.ExecuteAsync("DEALLOCATE dbsafety_expression", ct);
            return null;
        }
        catch (PostgresException e) when (PgSession.IsOfTheStatement(e))
        {
            ct.ThrowIfCancellationRequested();
            await transaction.RollbackAsync("expression", ct);
            // Other errors mean that the type does not exist yet, or that it cannot be tested this way.
            return e.SqlState is PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.DatatypeMismatch or PostgresErrorCodes.AmbiguousFunction ? e.MessageText : null;
        }
    }
}
