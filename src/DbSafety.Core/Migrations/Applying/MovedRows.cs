using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// An UPDATE that moves a row to another partition is counted as a row deleted here and one inserted there, as DELETE and INSERT are. A moved row
/// exists with the same key and a different partition key. Therefore the deleted rows are searched among the rows that the transaction wrote.
/// </summary>
/// <param name="observer">A session that sees the rows before the transaction.</param>
internal sealed class MovedRows(NpgsqlConnection connection, NpgsqlConnection observer)
{
    /// <summary>The number of previous rows whose key no longer exists; null if they cannot be compared.</summary>
    public async Task<long?> LostAsync(uint root, CancellationToken ct)
    {
        var rows = new DeletedRows(connection, observer);
        if (!await rows.CanBeReadAsync(root, ct) || await KeyAsync(root, ct) is not { } key || await rows.ReadAsync(key.Table, key.Hash, ct) is not { } keys)
            return null;
        var gone = keys.GroupBy(k => k, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.LongCount(), StringComparer.Ordinal);
        if (gone.Count == 0)
            return 0;
        var written = await connection.ListAsync(
            $"SELECT {key.Hash}, count(*) FROM {key.Table} AS t WHERE {XactCounts.IsOwnRow} GROUP BY 1",
            r => (Key: r.GetString(0), Rows: r.GetInt64(1)), ct);
        return gone.Values.Sum() - written.Sum(w => Math.Min(w.Rows, gone.GetValueOrDefault(w.Key)));
    }

    /// <summary>A primary key holds the partition key: the rest of it, or of all columns where that is nothing.</summary>
    private async Task<Key?> KeyAsync(uint root, CancellationToken ct)
    {
        var found = await observer.ListAsync(
            """
            WITH RECURSIVE tree(oid) AS (SELECT $1::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree t ON i.inhparent = t.oid)
            SELECT n.nspname, c.relname, a.attname, EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey))
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.oid = $1::oid AND NOT EXISTS (
                SELECT FROM tree t JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = t.oid
                WHERE pg_catalog.pg_get_partkeydef(t.oid) ~ ('(^|[^a-zA-Z0-9_])' || pg_catalog.regexp_replace(pg_catalog.quote_ident(a.attname), '([][(){}.*+?^$|\\-])', '\\\1', 'g') || '($|[^a-zA-Z0-9_])'))
            ORDER BY a.attnum
            """,
            r => (Schema: r.GetString(0), Table: r.GetString(1), Column: r.GetString(2), IsKey: r.GetBoolean(3)), ct, (long)root);
        if (found.Count == 0)
            return null;
        var columns = found.Any(c => c.IsKey) ? found.Where(c => c.IsKey) : found;
        return new Key(SqlName.Quote(found[0].Schema, found[0].Table), $"pg_catalog.md5(ROW({string.Join(", ", columns.Select(c => $"t.{SqlName.Quote(c.Column)}"))})::text)");
    }

    private sealed record Key(string Table, string Hash);
}
