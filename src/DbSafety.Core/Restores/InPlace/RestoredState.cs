using System.Globalization;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Restores.Creation;

namespace DbSafety.Restores.InPlace;

/// <summary>Compares what the transaction has restored with the backup, before it commits.</summary>
internal static class RestoredState
{
    private const int Batch = 50;

    /// <summary>What differs, in words.</summary>
    /// <param name="loaded">What was counted in the dump while it was loaded.</param>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(PsqlSession session, PgBackup backup, DumpCensus loaded, CancellationToken ct)
    {
        var manifest = backup.Manifest;
        var extensions = await ExtensionRows.FindAsync(session, manifest, ct);
        var expected = extensions.Select(e => loaded.Tables.FirstOrDefault(t => (t.Schema, t.Name) == (e.Schema, e.Name)) ?? new TableCount(e.Schema, e.Name, 0)).ToList();
        var configuration = extensions.Select(e => (e.Schema, e.Name)).ToHashSet();
        // A set of a version that did not record partitions does not show which tables are partitions.
        var tree = await TreeAsync(session, ct);
        List<TableCount> all = [.. manifest.Tables.Select(t => t.Root is null && tree.TryGetValue((t.Schema, t.Name), out var known) ? t with { Root = known.Root, LoadsByRoot = known.LoadsByRoot } : t)];
        List<TableCount> tables = [.. all.Where(t => !configuration.Contains((t.Schema, t.Name)))];
        var forced = await session.ListAsync(ForcedRowSecurity.Sql, r => r.GetProperty("name").GetString()!, ct);
        await session.ExecuteAsync(forced.Select(ForcedRowSecurity.Off), ct);
        var counts = await CountAsync(session, tables, ct);
        await session.ExecuteAsync(forced.Select(ForcedRowSecurity.On), ct);
        var differences = CountComparison.Differences(tables, counts, "the backup", "the restored database", out _);
        differences.AddRange(CountComparison.Differences(expected, await ExtensionRows.CountAsync(session, extensions, ct), "the backup", "the restored database", out _));
        if (backup.Foreign is not null)
            return differences;
        differences.AddRange(CountComparison.Differences(all, loaded.Tables, "the manifest", "the dump", out _));
        var sequences = await SequencesAsync(session, manifest.Sequences, ct);
        differences.AddRange(manifest.Sequences.Except(sequences).Select(s => $"the sequence {SqlName.Display(s.Schema, s.Name)} is not at {s.Value}"));
        return differences;
    }

    private static async Task<List<TableCount>> CountAsync(PsqlSession session, List<TableCount> tables, CancellationToken ct)
    {
        var counts = new List<TableCount>(tables.Count);
        foreach (var batch in tables.Chunk(Batch))
        {
            var sql = string.Join(" UNION ALL ", batch.Select((t, i) => $"SELECT {i} AS i, pg_catalog.count(*) AS rows FROM ONLY {SqlName.Quote(t.Schema, t.Name)}"));
            counts.AddRange(await session.ListAsync(sql, r => batch[r.GetProperty("i").GetInt32()] with { Rows = r.GetProperty("rows").GetInt64(), Checksum = null }, ct));
        }

        return counts;
    }

    private static async Task<Dictionary<(string Schema, string Name), (TableName Root, bool LoadsByRoot)>> TreeAsync(PsqlSession session, CancellationToken ct) =>
        (await session.ListAsync(
            $"SELECT n.nspname AS schema, c.relname AS name, tree.root_schema, tree.root_name, tree.by_root FROM ({PartitionTree.Sql}) AS tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE tree.by_root",
            r => (Name: (Text(r, "schema"), Text(r, "name")), Root: (new TableName(Text(r, "root_schema"), Text(r, "root_name")), r.GetProperty("by_root").GetBoolean())),
            ct)).ToDictionary(t => t.Name, t => t.Root);

    private static string Text(System.Text.Json.JsonElement row, string name) => row.GetProperty(name).GetString()!;

    private static async Task<List<SequenceValue>> SequencesAsync(PsqlSession session, IReadOnlyList<SequenceValue> sequences, CancellationToken ct)
    {
        var values = new List<SequenceValue>(sequences.Count);
        foreach (var batch in sequences.Chunk(Batch))
        {
            var sql = string.Join(" UNION ALL ", batch.Select((s, i) => string.Create(CultureInfo.InvariantCulture, $"SELECT {i} AS i, last_value, is_called FROM {SqlName.Quote(s.Schema, s.Name)}")));
            values.AddRange(await session.ListAsync(
                sql,
                r => batch[r.GetProperty("i").GetInt32()] with { Value = r.GetProperty("last_value").GetInt64(), IsCalled = r.GetProperty("is_called").GetBoolean() },
                ct));
        }

        return values;
    }
}
