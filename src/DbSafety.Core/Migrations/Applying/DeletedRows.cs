using DbSafety.Databases.Connections;
using DbSafety.Migrations.Live;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>The rows that a second session sees and the transaction does not see at their place: it has deleted them, or stored a new version elsewhere.</summary>
/// <param name="observer">A session that sees the rows before the transaction.</param>
internal sealed class DeletedRows(NpgsqlConnection connection, NpgsqlConnection observer)
{
    /// <summary>That many are compared here, in memory.</summary>
    public const int Most = 1_000_000;

    /// <param name="from">The table, with <c>ONLY</c> or without, as <c>t</c>.</param>
    /// <param name="value">What is wanted of each row, as text.</param>
    /// <returns>Null: too many rows have been touched.</returns>
    public async Task<IReadOnlyList<string>?> ReadAsync(string from, string value, CancellationToken ct)
    {
        var touched = await observer.ListAsync(
            $"SELECT t.tableoid, t.ctid::text, {value} FROM {from} AS t WHERE t.xmax <> '0'::xid LIMIT {Most + 1}", r => (Table: r.GetFieldValue<uint>(0), Place: r.GetString(1), Value: r.GetString(2)), ct);
        if (touched.Count is 0 or > Most)
            return touched.Count == 0 ? [] : null;
        var left = (await connection.ListAsync(
            $"SELECT t.tableoid, t.ctid::text FROM {from} AS t JOIN ROWS FROM (pg_catalog.unnest($1::oid[]), pg_catalog.unnest($2::text[])) AS p(tab, place) ON t.tableoid = p.tab AND t.ctid = p.place::tid",
            r => (r.GetFieldValue<uint>(0), r.GetString(1)), ct, touched.Select(t => (long)t.Table).ToArray(), touched.Select(t => t.Place).ToArray())).ToHashSet();
        return [.. touched.Where(t => !left.Contains((t.Table, t.Place))).Select(t => t.Value)];
    }

    /// <summary>How many there are; null if they cannot be compared: the second session would wait for the session that locks the table, which can be this transaction.</summary>
    public async Task<long?> CountAsync(uint table, CancellationToken ct) =>
        await TableReach.FindAsync(connection, table, ct) is { } found && await CanBeReadAsync(table, ct) ? (await ReadAsync(found.Sql, "''", ct))?.Count : null;

    /// <summary>Rows on another server have no ctid here.</summary>
    public async Task<bool> CanBeReadAsync(uint table, CancellationToken ct) => !await TableReach.ReachesForeignAsync(connection, table, ct) && !await ReaderLocks.AreTakenAsync(connection, table, ct);
}
