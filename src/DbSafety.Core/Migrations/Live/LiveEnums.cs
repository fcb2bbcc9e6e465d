using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>Counts the rows that contain an enum value that the new type does not have.</summary>
internal static class LiveEnums
{
    public static async Task<LiveAnswer> LostAsync(NpgsqlTransaction transaction, LiveQuestion question, CancellationToken ct)
    {
        var connection = transaction.Connection!;
        var lost = await connection.ListAsync(
            $"SELECT enumlabel::text FROM pg_enum WHERE enumtypid = to_regtype($1) AND enumlabel <> ALL ({question.Condition}) ORDER BY enumsortorder", r => r.GetString(0), ct, question.Relation.Sql);
        if (!await connection.ScalarAsync<bool>("SELECT to_regtype($1) IS NOT NULL", ct, question.Relation.Sql))
            return new LiveAnswer(false, 0);
        if (lost.Count == 0)
            return new LiveAnswer(true, 0);
        var uses = await connection.ListAsync(
            """
            SELECT n.nspname, c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE a.atttypid = to_regtype($1) AND NOT a.attisdropped AND c.relkind IN ('r', 'm') ORDER BY 1, 2, a.attnum
            """,
            r => (Table: SqlName.Quote(r.GetString(0), r.GetString(1)), Column: SqlName.Quote(r.GetString(2))), ct, question.Relation.Sql);
        var rows = 0L;
        foreach (var (table, column) in uses)
        {
            // A cast to text can be the database's own.
            if (!await SafeCount.IsSafeAsync(transaction, $"SELECT count(*) FROM ONLY {table} WHERE {column}::text = ''", withOwn: false, ct))
                return new LiveAnswer(true, null) { Names = lost };
            rows += await connection.ScalarAsync<long>($"SELECT count(*) FROM ONLY {table} WHERE {column}::text = ANY ($1)", ct, (object)lost.ToArray());
        }

        return new LiveAnswer(true, rows) { Names = lost };
    }
}
