using System.Globalization;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// The losses of a copy since its rows were stored (<see cref="CopiedRows"/>), whatever the cause: row by row if there is a key, otherwise by how often each value occurs. Dropped tables and columns
/// are not compared here.
/// </summary>
internal sealed class RowComparison(NpgsqlConnection connection, Coverage coverage)
{
    public const string OverwriteRule = "update-without-where";

    private readonly List<UnexpectedLoss> losses = [], allowed = [];
    private readonly List<string> overwritten = [], uncompared = [];

    public IReadOnlyList<UnexpectedLoss> Losses => losses;

    /// <summary>Values that were allowed to be lost.</summary>
    public IReadOnlyList<UnexpectedLoss> Allowed => allowed;

    /// <summary>Values of some rows that were overwritten, which needs no allowance.</summary>
    public IReadOnlyList<string> Overwritten => overwritten;

    /// <summary>Tables that could not be compared, with the reason.</summary>
    public IReadOnlyList<string> Uncompared => uncompared;

    /// <summary>The tables that were compared.</summary>
    public HashSet<uint> Compared { get; } = [];

    public async Task CompareAsync(CopiedRows rows, StructureCensus after, CancellationToken ct)
    {
        var columns = await CopiedRows.ColumnsAsync(connection, ct);
        foreach (var table in rows.Tables.Where(t => after.Tables.ContainsKey(t.Root.Oid)))
        {
            try
            {
                await CompareAsync(table, after, columns, ct);
                Compared.Add(table.Root.Oid);
            }
            catch (PostgresException e)
            {
                ct.ThrowIfCancellationRequested();
                uncompared.Add($"{table.Display}: {e.MessageText}");
            }
        }

        uncompared.AddRange(rows.Missing.Where(m => after.Tables.ContainsKey(m.Key)).Select(m => $"{after.Tables[m.Key].Display}: {m.Value}"));
    }

    private async Task CompareAsync(CopiedTable table, StructureCensus after, ILookup<uint, CopiedColumn> columns, CancellationToken ct)
    {
        var now = columns[table.Root.Oid].ToDictionary(c => c.Number);
        List<(CopiedColumn Then, CopiedColumn Now, int Place)> pairs = [.. table.Columns.Select((c, i) => (Then: c, Now: now.GetValueOrDefault(c.Number)!, Place: i + 1)).Where(c => c.Now is not null)];
        var from = From(table, after, pairs.ConvertAll(p => SqlName.Quote(p.Now.Name)));
        var isKeyed = table.Key is not null && table.Key.All(k => pairs.Exists(p => p.Then.Number == k));
        var key = isKeyed ? CopiedRows.KeyHash(pairs.Where(p => table.Key!.Contains(p.Then.Number)).Select(p => SqlName.Quote(p.Now.Name))) : null;
        var found = key is null ? await ByNumbersAsync(table, from, pairs, ct) : await ByKeyAsync(table, from, key, pairs, ct);
        // The key is written in another way, by its new type.
        if (key is not null && found.Kept == 0 && pairs.Exists(p => table.Key!.Contains(p.Then.Number) && p.Then.TypeOid != p.Now.TypeOid))
            (key, found) = (null, await ByNumbersAsync(table, from, pairs, ct));
        if (key is not null && found.Gone > 0 && !coverage.Rows(table.Root.Oid, RowLoss.Deleted))
            losses.Add(new UnexpectedLoss($"delete-rows:{table.Display}", $"{Text(found.Gone)} of {Text(found.Gone + found.Kept)} rows of {table.Display} would be deleted or would have a different key") { Table = table.Root.Oid });
        var replaced = new List<(string Name, long Values)>();
        for (var i = 0; i < pairs.Count; i++)
        {
            var (then, current, values) = (pairs[i].Then, pairs[i].Now, found.Columns[i]);
            var column = $"{table.Display}.{SqlName.Display(current.Name)}";
            if ((then.TypeOid, then.Modifier) != (current.TypeOid, current.Modifier))
            {
                var lost = values.Nulled + values.Replaced;
                if (lost > 0 && key is not null && await ConvertedAsync(table, from, key, pairs[i], ct) is { } differing)
                    lost = Math.Min(lost, differing);
                if (lost > 0)
                    Add(new UnexpectedLoss($"lossy-type-change:{column}", $"{column} would be converted from {then.Type} to {current.Type}: {Text(lost)} of {Text(values.Before)} values would be changed") { Table = table.Root.Oid, Values = lost }, then, ColumnLoss.Converted);
                continue;
            }

            if (values.Nulled > 0)
                Add(CensusComparison.ValuesLost(table.Root.Oid, column, values.Nulled, values.Before), then, ColumnLoss.Nulled);
            if (values.Replaced > 0)
                replaced.Add((SqlName.Display(current.Name), values.Replaced));
        }

        if (replaced.Count > 0)
            Replaced(table, found, replaced);

        void Add(UnexpectedLoss loss, CopiedColumn column, ColumnLoss kind) => (coverage.Column(table.Root.Oid, column.Name, kind) ? allowed : losses).Add(loss);
    }

    /// <summary>Overwriting all rows is a loss, however the statement was written; overwriting some rows is a warning.</summary>
    private void Replaced(CopiedTable table, Found found, List<(string Name, long Values)> columns)
    {
        var values = string.Join(", ", columns.Select(c => $"{Text(c.Values)} {(c.Values == 1 ? "value" : "values")} of {c.Name}"));
        if (found.Replaced < found.Kept)
            overwritten.Add($"{Text(found.Replaced)} of {Text(found.Kept)} rows of {table.Display} ({values})");
        else if (!coverage.IsNamed($"{OverwriteRule}:{table.Display}") && !coverage.IsNamed($"update-rows:{table.Display}"))
            losses.Add(new UnexpectedLoss($"{OverwriteRule}:{table.Display}", $"values in every row of {table.Display} would be overwritten ({values})") { Table = table.Root.Oid });
    }

    private async Task<Found> ByKeyAsync(CopiedTable table, string from, string key, List<(CopiedColumn Then, CopiedColumn Now, int Place)> pairs, CancellationToken ct)
    {
        var hashes = string.Join(", ", pairs.Select(p => CopiedRows.Hash(SqlName.Quote(p.Now.Name))));
        var counts = pairs.Select((p, i) => (Then: $"o.hashes[{p.Place}]", Now: $"n.hashes[{i + 1}]", IsSame: (p.Then.TypeOid, p.Then.Modifier) == (p.Now.TypeOid, p.Now.Modifier))).ToList();
        var any = string.Join(" OR ", counts.Where(c => c.IsSame).Select(c => $"{c.Then} <> {c.Now}").Append("false"));
        string[] numbers =
        [
            "count(*) FILTER (WHERE n.key IS NULL)", "count(n.key)", $"count(n.key) FILTER (WHERE {any})",
            .. counts.SelectMany(c => new[] { $"count({c.Then})", $"count({c.Then}) FILTER (WHERE n.key IS NOT NULL AND {c.Now} IS NULL)", $"count(*) FILTER (WHERE {c.Then} <> {c.Now})" }),
        ];
        var found = await connection.ScalarAsync<long[]>(
            $"SELECT ARRAY[{string.Join(", ", numbers)}] FROM {table.Kept} AS o LEFT JOIN (SELECT {key} AS key, ARRAY[{hashes}]::bigint[] AS hashes FROM {from}) AS n ON n.key = o.key", ct);
        return new Found(found![0], found[1], found[2], [.. pairs.Select((_, i) => new Values(found[3 + (i * 3)], found[4 + (i * 3)], found[5 + (i * 3)]))]);
    }

    /// <summary>Without a key: values that occur less often. As many of them as deleted rows are attributed to the deleted rows.</summary>
    private async Task<Found> ByNumbersAsync(CopiedTable table, string from, List<(CopiedColumn Then, CopiedColumn Now, int Place)> pairs, CancellationToken ct)
    {
        var before = await connection.ScalarAsync<long>($"SELECT count(*) FROM {table.Kept}", ct);
        var gone = Math.Max(0, before - await connection.ScalarAsync<long>($"SELECT count(*) FROM {from}", ct));
        var columns = new List<Values>();
        foreach (var pair in pairs)
        {
            var name = SqlName.Quote(pair.Now.Name);
            var (then, left, missing) = await NumbersAsync(table, from, pair.Place, CopiedRows.Hash(name), ct);
            if (missing > 0 && await OldTypeAsync(pair.Then, pair.Now, ct) is { } type)
                missing = Math.Min(missing, await OrNullAsync(async () => (await NumbersAsync(table, from, pair.Place, CopiedRows.Hash(name, type), ct)).Missing, ct) ?? missing);
            var nulled = Math.Max(0, then - left - gone);
            columns.Add(new Values(then, nulled, Math.Max(0, missing - nulled - gone)));
        }

        // Rows that were deleted while others were inserted have not overwritten values.
        if (coverage.Rows(table.Root.Oid, RowLoss.Deleted))
            columns = columns.ConvertAll(c => c with { Replaced = 0 });
        return new Found(gone, before - gone, columns.Where((_, i) => pairs[i].Then.TypeOid == pairs[i].Now.TypeOid).Select(c => c.Replaced).DefaultIfEmpty().Max(), columns);
    }

    /// <summary>The previous values, the current values, and those that occur less often.</summary>
    private async Task<(long Then, long Left, long Missing)> NumbersAsync(CopiedTable table, string from, int place, string hash, CancellationToken ct)
    {
        var numbers = await connection.ScalarAsync<long[]>(
            $"""
            SELECT ARRAY[coalesce(sum(o.rows), 0), coalesce(sum(n.rows), 0), coalesce(sum(greatest(o.rows - coalesce(n.rows, 0), 0)), 0)]::bigint[]
            FROM (SELECT hashes[{place}] AS hash, count(*) AS rows FROM {table.Kept} WHERE hashes[{place}] IS NOT NULL GROUP BY 1) AS o
            FULL JOIN (SELECT * FROM (SELECT {hash} AS hash, count(*) AS rows FROM {from} GROUP BY 1) AS h WHERE hash IS NOT NULL) AS n ON n.hash = o.hash
            """, ct);
        return (numbers![0], numbers[1], numbers[2]);
    }

    /// <summary>The values that come back neither as they are now nor converted back; null: they cannot be converted back.</summary>
    private async Task<long?> ConvertedAsync(CopiedTable table, string from, string key, (CopiedColumn Then, CopiedColumn Now, int Place) column, CancellationToken ct)
    {
        var (name, then) = (SqlName.Quote(column.Now.Name), $"o.hashes[{column.Place}]");
        if (await OldTypeAsync(column.Then, column.Now, ct) is not { } type)
            return null;
        return await OrNullAsync(
            () => connection.ScalarAsync<long>(
                $"""
                SELECT count(*) FROM {table.Kept} AS o JOIN (SELECT {key} AS key, {CopiedRows.Hash(name)} AS hash, {CopiedRows.Hash(name, type)} AS back FROM {from}) AS n ON n.key = o.key
                WHERE {then} IS NOT NULL AND {then} IS DISTINCT FROM n.hash AND {then} IS DISTINCT FROM n.back
                """, ct),
            ct);
    }

    /// <summary>The type may have been renamed; null: it was dropped, or it is the current type.</summary>
    private async Task<string?> OldTypeAsync(CopiedColumn then, CopiedColumn now, CancellationToken ct) => (then.TypeOid, then.Modifier) == (now.TypeOid, now.Modifier) ? null
        : await connection.ScalarAsync<string>("SELECT pg_catalog.format_type(oid, $2) FROM pg_catalog.pg_type WHERE oid = $1::oid", ct, (long)then.TypeOid, then.Modifier);

    /// <summary>Null: a value cannot be converted.</summary>
    private static async Task<long?> OrNullAsync(Func<Task<long>> count, CancellationToken ct)
    {
        try
        {
            return await count();
        }
        catch (PostgresException)
        {
            ct.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>Partitions that were detached still hold their rows.</summary>
    private static string From(CopiedTable table, StructureCensus after, List<string> columns)
    {
        var root = after.Tables[table.Root.Oid];
        var name = SqlName.Quote(root.Schema, root.Name);
        if (table.Root.HasRows)
            return $"ONLY {name} AS t";
        var detached = table.Members.Where(m => after.Tables.TryGetValue(m, out var member) && member.Root != root.Oid).Select(m => after.Tables[m]).ToList();
        return detached.Count == 0 ? $"{name} AS t"
            : $"({string.Join(" UNION ALL ", detached.Select(d => "ONLY " + SqlName.Quote(d.Schema, d.Name)).Prepend(name).Select(f => $"SELECT {string.Join(", ", columns)} FROM {f}"))}) AS t";
    }

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <param name="Before">Values that are not null.</param>
    private sealed record Values(long Before, long Nulled, long Replaced);

    /// <param name="Gone">Rows whose key is not there.</param>
    /// <param name="Replaced">Rows of which a value was overwritten with another one.</param>
    private sealed record Found(long Gone, long Kept, long Replaced, IReadOnlyList<Values> Columns);
}
