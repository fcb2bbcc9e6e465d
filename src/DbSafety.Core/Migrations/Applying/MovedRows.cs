using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// An UPDATE that moves a row to another partition is counted as a row deleted here and one inserted there, as DELETE and INSERT are. A row that has moved is
/// still there under the same key: what differs is the partition key. So the rows that are gone are looked for among the rows that the transaction wrote.
/// </summary>
/// <param name="observer">Sees the rows as they were.</param>
internal sealed class MovedRows(NpgsqlConnection connection, NpgsqlConnection observer)
{
    /// <summary>How many rows of before are not there again under their key; null where they cannot be compared.</summary>
    public async Task<long?> LostAsync(uint root, CancellationToken ct)
    {
        if (!await CanBeReadAsync(root, ct) || await KeyAsync(root, ct) is not { } key)
            return null;
        var gone = await GoneAsync(key, ct);
        if (gone.Count == 0)
            return 0;
        var written = await connection.ListAsync(
            $"SELECT {key.Hash}, count(*) FROM {key.Table} AS t WHERE {XactCounts.IsOwnRow} GROUP BY 1",
            r => (Key: r.GetString(0), Rows: r.GetInt64(1)), ct);
        return gone.Values.Sum() - written.Sum(w => Math.Min(w.Rows, gone.GetValueOrDefault(w.Key)));
    }

    /// <summary>By their keys, the rows that the observer sees and the transaction does not see at their place.</summary>
    private async Task<Dictionary<string, long>> GoneAsync(Key key, CancellationToken ct)
    {
        var touched = await observer.ListAsync(
            $"SELECT t.tableoid, t.ctid::text, {key.Hash} FROM {key.Table} AS t WHERE t.xmax <> '0'::xid", r => (Table: r.GetFieldValue<uint>(0), Place: r.GetString(1), Key: r.GetString(2)), ct);
        var left = touched.Count == 0 ? [] : (await connection.ListAsync(
            $"SELECT t.tableoid, t.ctid::text FROM {key.Table} AS t JOIN ROWS FROM (pg_catalog.unnest($1::oid[]), pg_catalog.unnest($2::text[])) AS p(tab, place) ON t.tableoid = p.tab AND t.ctid = p.place::tid",
            r => (r.GetFieldValue<uint>(0), r.GetString(1)), ct, touched.Select(t => (long)t.Table).ToArray(), touched.Select(t => t.Place).ToArray())).ToHashSet();
        return touched.Where(t => !left.Contains((t.Table, t.Place))).GroupBy(t => t.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.LongCount(), StringComparer.Ordinal);
    }

    /// <summary>The observer would wait for whoever locks it, and that can be this transaction. Rows on another server have no place here.</summary>
    private async Task<bool> CanBeReadAsync(uint root, CancellationToken ct) => !await TableReach.ReachesForeignAsync(connection, root, ct) && !await ReaderLocks.AreTakenAsync(connection, root, ct);

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
