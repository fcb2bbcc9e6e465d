using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Values that became NULL, row by row: the previous versions and those that the transaction wrote are matched by their primary key. Deleted or inserted rows do not hide them.
/// </summary>
internal sealed class NulledRows(NpgsqlConnection connection, NpgsqlConnection observer)
{
    /// <param name="columns">By their numbers, as the second session and as the transaction call them.</param>
    /// <param name="written">What PostgreSQL has counted of the table.</param>
    /// <param name="deleted">Rows that were allowed to be deleted.</param>
    /// <returns>By the number of a column, the values that it lost; null: there is no key, or too many rows were touched.</returns>
    public async Task<IReadOnlyDictionary<short, long>?> CountAsync(RowCounts written, IReadOnlyList<(short Number, string Before, string After)> columns, long deleted, CancellationToken ct)
    {
        var table = written.Oid;
        if (await KeyAsync(observer, table, ct) is not { } before || await KeyAsync(connection, table, ct) is not { } after || columns.Count == 0)
            return null;
        if (await new DeletedRows(connection, observer).ReadAsync(before.From, $"{before.Hash} || {Bits(columns.Select(c => c.Before))} || t.cmax::text", ct) is not { } gone)
            return null;
        var versions = await connection.ListAsync($"SELECT {after.Hash} || {Bits(columns.Select(c => c.After))} || t.cmin::text FROM {after.From} AS t WHERE {XactCounts.IsOwnRow} LIMIT {DeletedRows.Most + 1}", r => r.GetString(0), ct);
        if (versions.Count > DeletedRows.Most)
            return null;

        var old = gone.ToDictionary(Key, Values, StringComparer.Ordinal);
        var (kept, lost, found, unpaired) = (new long[columns.Count], new long[columns.Count], new long[columns.Count], new List<string>());
        foreach (var row in versions)
        {
            if (!old.Remove(Key(row), out var then))
            {
                unpaired.Add(Values(row));
                continue;
            }

            for (var i = 0; i < columns.Count; i++)
                kept[i] += then[i] - Values(row)[i];
        }

        // For rows whose key changed, and for inserted and deleted rows, only the numbers are compared. Both versions of a row whose key an UPDATE changed have the number of its command: rows that other commands
        // have inserted are not offset against the losses of such rows.
        var commands = old.Count > written.Deleted && written.Inserted > 0 ? old.Values.Select(v => v[columns.Count..]).ToHashSet(StringComparer.Ordinal) : null;
        foreach (var row in unpaired.Where(r => commands?.Contains(r[columns.Count..]) != false))
        {
            for (var i = 0; i < columns.Count; i++)
                found[i] += row[i] - '0';
        }

        foreach (var left in old.Values)
        {
            for (var i = 0; i < columns.Count; i++)
                lost[i] += left[i] - '0';
        }

        var rows = Math.Max(deleted, old.Count - unpaired.Count);
        return columns.Select((c, i) => (c.Number, Lost: Math.Max(kept[i], 0) + Math.Max(lost[i] - found[i] - rows, 0))).ToDictionary(c => c.Number, c => c.Lost);
    }

    private const int HashLength = 32;

    private static string Key(string row) => row[..HashLength];

    private static string Values(string row) => row[HashLength..];

    private static string Bits(IEnumerable<string> columns) =>
        string.Join(" || ", columns.Select(c => $"CASE WHEN t.{SqlName.Quote(c)} IS DISTINCT FROM NULL THEN '1' ELSE '0' END"));

    private static async Task<(string From, string Hash)?> KeyAsync(NpgsqlConnection connection, uint table, CancellationToken ct)
    {
        var found = await connection.ListAsync(
            """
            SELECT n.nspname, c.relname, a.attname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
            WHERE c.oid = $1::oid ORDER BY a.attnum
            """, r => (Schema: r.GetString(0), Table: r.GetString(1), Column: r.GetString(2)), ct, (long)table);
        return found.Count == 0 ? null : ($"ONLY {SqlName.Quote(found[0].Schema, found[0].Table)}", $"pg_catalog.md5(ROW({string.Join(", ", found.Select(c => $"t.{SqlName.Quote(c.Column)}"))})::text)");
    }
}
