using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Histories.Reading;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Sources.Flyway;
using Npgsql;

namespace DbSafety.Migrations.Histories;

/// <summary>The history of a known migration tool.</summary>
internal sealed class ToolHistory(MigrationTool tool, IReadOnlyList<MigrationFile> files) : ReadOnlyHistory
{
    private (string Schema, string Table) found = (tool.Histories[0].Schema, tool.Histories[0].Table);

    /// <summary>The search_path of the first session that read it; the same schema is used in all other sessions, also on a copy.</summary>
    public SchemaPath? Path { get; private set; }

    /// <summary>Tables that could be its tool's history, in schemas that the tool does not search, if the tool has no history of its own.</summary>
    public IReadOnlyList<FoundHistory> Elsewhere { get; private set; } = [];

    private bool IsProgram => files.Count == 0;

    public override string Name => SqlName.Display(found.Schema, found.Table);

    /// <summary>Where it was found when it was last read; before that, the tool's default unless it is configured.</summary>
    public override (string Schema, string Table) Relation => found;

    /// <exception cref="DbSafetyException"><c>DBS476</c> there are several; <c>DBS482</c> its name is unknown.</exception>
    public override async Task<IReadOnlyList<HistoryEntry>> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var path = Path ??= await SchemaPath.ReadAsync(connection, ct);
        var all = (await ToolHistories.FindAsync(connection, ct, tool.Histories)).Where(f => tool.Histories.Any(h => h.Table == f.History.Table && h.Columns == f.History.Columns && !f.History.IsOtherShape)).ToList();
        var choice = HistoryChoice.Of(all, path, IsProgram);
        if (choice.Own.Count == 0 && !tool.Histories.Any(h => h.IsNamed || h.IsConfigured))
            choice = await ByColumnsAsync(connection, path, choice.Elsewhere, ct);
        if (choice.Own.Count > 1)
            throw ErrorCatalogue.HistoryAmbiguous.For(connection.Database!, tool.Name, string.Join(", ", choice.Own.Select(c => c.Name)));
        Elsewhere = choice.Own.Count == 0 ? choice.Elsewhere : [];
        if (choice.Own.Count == 0)
        {
            found = (tool.Histories[0].UsesPath ? path.First : tool.Histories[0].Schema, tool.Histories[0].Table);
            return await TakenOverAsync(connection, ct);
        }

        var own = choice.Own[0];
        found = (own.Schema, own.Table);
        var entries = new List<HistoryEntry>();
        foreach (var row in await ToolHistories.ReadAsync(connection, own, ct))
            entries.AddRange(Entries(row, own.History.KeepsText));
        // As in the tool, the last row of a migration decides.
        return [.. entries.GroupBy(e => e.Id, StringComparer.Ordinal).Select(g => g.Last())];
    }

    /// <summary>
    /// A table with the tool's columns under another name: rows with the names of these files are theirs. Versions alone can be those of another project in the same database.
    /// </summary>
    private async Task<HistoryChoice> ByColumnsAsync(NpgsqlConnection connection, SchemaPath path, IReadOnlyList<FoundHistory> known, CancellationToken ct)
    {
        var all = (await ToolHistories.FindByColumnsAsync(connection, ct)).Where(f => tool.Histories.Any(h => h.Columns == f.History.Columns && h.Rows == f.History.Rows)).ToList();
        var (there, elsewhere) = HistoryChoice.Of(all, path, IsProgram);
        var (ours, perhaps) = (new List<FoundHistory>(), new List<FoundHistory>());
        // For migrations that are programs, nothing shows which of several tables it is.
        foreach (var other in IsProgram && !path.IsSet ? all : there)
        {
            var rows = await ToolHistories.TryReadAsync(connection, other, ct) ?? [];
            if (IsProgram && rows.Count > 0)
                ours.Add(other);
            else if (rows.Find(r => ToolHistories.IsOf(r, files)) is { } row)
                (FileKeys.Normal(row.Key).StartsWith('#') ? perhaps : ours).Add(other);
        }

        if (ours.Count == 0 && perhaps.Count > 0)
            throw ErrorCatalogue.HistoryNameUnknown.For(connection.Database!, tool.Name, string.Join(", ", perhaps.Select(p => p.Name)), HistoryNames.KeysOf(tool));
        return new HistoryChoice(IsProgram && ours.Count > 1 ? [] : ours, [.. known, .. elsewhere]);
    }

    /// <summary>Flyway baselines a database that has tables and no history at the version that is configured.</summary>
    private async Task<IReadOnlyList<HistoryEntry>> TakenOverAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        if (tool.BaselineOnMigrate is not { } version || !await connection.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = n.oid) OR EXISTS (SELECT FROM pg_catalog.pg_proc WHERE pronamespace = n.oid) OR EXISTS (SELECT FROM pg_catalog.pg_type WHERE typnamespace = n.oid) "
            + "FROM (SELECT (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1) AS oid) n", ct, found.Schema))
        {
            return [];
        }

        return [.. Entries(new HistoryRow(version, null, "upto", null)).DefaultIfEmpty(new HistoryEntry(version, version, "", null, null, null) { IsAppliedAtSomeTime = true })];
    }

    private IEnumerable<HistoryEntry> Entries(HistoryRow row, bool isText = false)
    {
        var named = (isText ? files.Where(f => FileKeys.Digits(f) == row.Key) : ToolHistories.Named(row, files)).ToList();
        // Its tool applies a repeatable script again when it has changed, or the values of its placeholders have.
        if (named is [{ IsRepeatable: true } repeatable] && row.State == "applied"
            && row.Checksum != FlywayChecksum.Of(repeatable.Bytes ?? []) && row.Checksum != FlywayChecksum.Of(System.Text.Encoding.UTF8.GetBytes(repeatable.Text)))
        {
            return [];
        }

        var isApplied = row.State != "failed";
        if (named.Count == 0)
            return [new HistoryEntry(row.Key, row.Key, "", row.State == "failed" ? null : row.At, null, null) { IsAppliedAtSomeTime = isApplied }];
        var hasOwnRow = row.State != "upto";
        return named.Select(f => new HistoryEntry(f.Name, f.Name, hasOwnRow && f.ToolHash is { } hash && row.Checksum is { } recorded && hash != recorded ? recorded : f.Checksum ?? "", isApplied ? row.At : null, null, null)
        {
            IsAppliedAtSomeTime = isApplied,
            Note = hasOwnRow || FileKeys.IsVersion(f, row.Key) ? null : "The migration history has no row for it, only one for a later version.",
        });
    }

    protected override Exception Refusal() => ErrorCatalogue.ToolHistoryOwn.For(Name, tool.Name, tool.Command);
}
