using System.Text.Json;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>Everything that a database holds, read row by row: tables with a column <c>key</c>, large objects, sequences.</summary>
internal sealed record Contents(
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>> Tables,
    IReadOnlyDictionary<uint, string> LargeObjects,
    IReadOnlyDictionary<string, long> Sequences)
{
    private const string KeyedTables =
        """
        SELECT c.relname::text, c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'key' AND NOT a.attisdropped
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
        """;

    public static async Task<Contents> ReadAsync(DatabaseTarget target)
    {
        await using var connection = await target.OpenAsync(CancellationToken.None, "model");
        var tables = new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>>(StringComparer.Ordinal);
        foreach (var (name, quoted) in await connection.ListAsync(KeyedTables, r => (r.GetString(0), r.GetString(1)), CancellationToken.None))
            tables[name] = await RowsAsync(connection, quoted);
        var objects = await connection.ListAsync("SELECT oid, encode(lo_get(oid), 'hex') FROM pg_largeobject_metadata", r => (Oid: r.GetFieldValue<uint>(0), Hex: r.GetString(1)), CancellationToken.None);
        var sequences = await connection.ListAsync(
            "SELECT sequencename::text, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'public'", r => (Name: r.GetString(0), Value: r.GetInt64(1)), CancellationToken.None);
        return new Contents(tables, objects.ToDictionary(o => o.Oid, o => o.Hex), sequences.ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal));
    }

    /// <summary>All of it as claims.</summary>
    public IEnumerable<Claim> Claims() =>
        Tables.SelectMany(t => t.Value.SelectMany(k => k.Value.Select(row => (Claim)new RowClaim(t.Key, k.Key, row.Where(v => v.Key != "key").ToDictionary(v => v.Key, v => v.Value)))))
            .Concat(LargeObjects.Select(o => new LargeObjectClaim(o.Key, o.Value)))
            .Concat(Sequences.Where(s => s.Value > 0).Select(s => new SequenceClaim(s.Key, s.Value)));

    public int Count(string table, string key) => Tables.TryGetValue(table, out var rows) && rows.TryGetValue(key, out var copies) ? copies.Count : 0;

    private static async Task<Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>> RowsAsync(NpgsqlConnection connection, string quoted)
    {
        var json = await connection.ListAsync($"SELECT to_jsonb(t)::text FROM {quoted} t", r => r.GetString(0), CancellationToken.None);
        return json.Select(Row).GroupBy(r => r["key"], StringComparer.Ordinal).ToDictionary(g => g.Key, g => (IReadOnlyList<IReadOnlyDictionary<string, string>>)[.. g], StringComparer.Ordinal);
    }

    private static Dictionary<string, string> Row(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Null).ToDictionary(p => p.Name, p => p.Value.ToString(), StringComparer.Ordinal);
    }
}
