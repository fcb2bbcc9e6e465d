using System.Globalization;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis.Locks;

/// <summary>The rows and values of tables, to see which of them a statement takes away. What is computed, of materialized views and generated columns, can be computed again.</summary>
internal sealed class TableContents
{
    private readonly Dictionary<uint, Contents> known = [];

    /// <param name="Type">As it is written in SQL.</param>
    /// <param name="Values">A hash of all that are not null, in the order of their text.</param>
    private sealed record Column(string Name, string Type, string? Values);

    private sealed record Contents(long Rows, Dictionary<int, Column> Columns);

    public static async Task<TableContents> ReadAsync(NpgsqlConnection connection, IEnumerable<CatalogRelation> tables)
    {
        var contents = new TableContents();
        foreach (var table in tables.Where(t => t.Kind == 'r'))
            contents.known[table.Oid] = await ReadAsync(connection, table.Oid, null);
        return contents;
    }

    /// <summary>A column whose type has changed holds what it held if its values are the same in the old type.</summary>
    public async Task<IReadOnlyList<string>> LossesAsync(NpgsqlConnection connection, IEnumerable<CatalogRelation> tables)
    {
        var losses = new List<string>();
        foreach (var table in tables.Where(t => t.Kind == 'r'))
        {
            var (before, after) = (known[table.Oid], await ReadAsync(connection, table.Oid, known[table.Oid]));
            if (after.Rows < before.Rows)
                losses.Add($"{table} loses {before.Rows - after.Rows} rows");
            else
                losses.AddRange(before.Columns.Where(c => after.Rows == before.Rows && c.Value.Values != after.Columns.GetValueOrDefault(c.Key)?.Values).Select(c => $"{table}.{c.Value.Name} loses values"));
        }

        return losses;
    }

    private static async Task<Contents> ReadAsync(NpgsqlConnection connection, uint table, Contents? old)
    {
        var name = await connection.ScalarAsync<string>($"SELECT {table.ToString(CultureInfo.InvariantCulture)}::regclass::text", default);
        var columns = await connection.ListAsync("SELECT attnum, attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            r => (Number: (int)r.GetInt16(0), Column: new Column(r.GetString(1), r.GetString(2), null)), default, (long)table);
        var hashes = columns.Select(c => $"md5(string_agg({Text(c.Column, old?.Columns.GetValueOrDefault(c.Number))}, '|' ORDER BY {Text(c.Column, old?.Columns.GetValueOrDefault(c.Number))}))");
        var values = await connection.ListAsync($"SELECT {string.Join(", ", hashes.Prepend("count(*)"))} FROM ONLY {name}", r => (Rows: r.GetInt64(0), Hashes: Enumerable.Range(1, columns.Count).Select(i => r.Text(i)).ToList()), default);
        return new Contents(values[0].Rows, columns.Select((c, i) => (c.Number, Column: c.Column with { Values = values[0].Hashes[i] })).ToDictionary(c => c.Number, c => c.Column));
    }

    /// <summary>Blanks at its end mean nothing to char(n).</summary>
    private static string Text(Column column, Column? old) =>
        $"rtrim({SqlName.Quote(column.Name)}{(old is null || old.Type == column.Type ? "" : $"::text::{old.Type}")}::text)";
}
