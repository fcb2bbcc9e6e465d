using DbSafety.Backups.Dumps;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Creation;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Restores a foreign dump into a new database with the stock tools, which read every form of it, and compares the result
/// with the counts of the dump.
/// </summary>
internal static class ForeignFill
{
    private const int MostStatements = 5;

    /// <summary>
    /// The part of the dump that is for this database, with the properties to create it: what the dump does not specify is taken from
    /// the live database, else from the server's own <c>template0</c>.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS316</c> it holds several databases; <c>DBS317</c> it would run psql meta-commands; <c>DBS134</c> it acts on the entire server; <c>DBS135</c> it holds no database; <c>DBS138</c> it writes to another server.</exception>
    public static async Task<PgBackup> FitAsync(PgBackup backup, RestoreRequest request, DatabaseProperties? live, NpgsqlConnection maintenance, CancellationToken ct)
    {
        if (backup.Foreign?.Content?.Plain is { } plain)
        {
            if (plain.Commands.Count > 0)
                throw ErrorCatalogue.DumpRunsCommands.For(backup.Path, string.Join("; ", plain.Commands.Distinct(StringComparer.Ordinal).Take(5)));
            var section = plain.For(request.Section ?? request.Target.Database) ?? throw ErrorCatalogue.DumpNotForOne.For(backup.Path, string.Join(", ", plain.Named.Select(s => s.Database)));
            if (section.ServerStatements.Count > 0)
                throw ErrorCatalogue.ScriptActsOnServer.For(backup.Path, Named(section.ServerStatements));
            if (section is { Effective: 0, Globals: > 0 })
                throw ErrorCatalogue.ScriptHasGlobalsOnly.For(backup.Path);
            backup = ForeignSet.Section(backup, section);
            RefuseForeignRows(backup, section.ForeignRows);
        }

        if (backup.Foreign?.Content?.Toc is { } toc)
        {
            var foreign = toc.Entries.Where(e => e.Description == "FOREIGN TABLE").Select(e => new TableName(e.Schema, e.Tag)).ToHashSet();
            RefuseForeignRows(backup, [.. toc.Entries.Where(e => e.Description == "TABLE DATA").Select(e => new TableName(e.Schema, e.Tag)).Where(foreign.Contains)]);
        }

        var (source, like) = (backup.Manifest.Properties, live ?? await SourceReader.PropertiesAsync(maintenance, "template0", ct));
        var isSpecified = source.Encoding.Length > 0 && source.Collate.Length > 0;
        var encoding = live is null && source.Encoding.Length > 0 ? source.Encoding : like.Encoding;
        var owner = source.Owner.Length > 0 ? source.Owner : await maintenance.ScalarAsync<string>("SELECT current_user::text", ct);
        var properties = isSpecified ? source : source with { Encoding = encoding, Collate = like.Collate, CType = like.CType, LocaleProvider = like.LocaleProvider, IcuLocale = like.IcuLocale, IcuRules = like.IcuRules };
        return backup with
        {
            Foreign = backup.Foreign! with { OtherLocale = request.AnyLocale || (!isSpecified && encoding != like.Encoding) ? like : null },
            Manifest = backup.Manifest with { Properties = properties with { Owner = owner!, Grants = properties.Grants?.Select(g => g.Grantee is "" ? g with { Grantee = owner } : g).ToList() } },
        };
    }

    /// <param name="count">Counts what was restored.</param>
    /// <returns>Notes about it, and the subscriptions of the dump that were left out.</returns>
    public static async Task<RestoredSet> RunAsync(PgBackup backup, DatabaseTarget database, int major, RestoreOptions options, IOperationEvents events, Func<CancellationToken, Task> count, CancellationToken ct)
    {
        if (backup.Manifest.Format == BackupFormat.Plain)
            return await ScriptFill.RunAsync(backup, database, major, options.NoOwner, events, count, ct);
        var tool = await TargetTools.FindAsync("pg_restore", ForeignSet.Major(backup.Manifest.Source.PgDumpVersion), database, ct, preferred: major);
        var run = await PgRestoreRun.ForAsync(database, tool, options, events, ct);
        var subscriptions = await new ForeignArchiveFill(backup, run, options, new PathEntries(database, SearchPath.Of(backup.Manifest.SearchPaths, backup.Manifest.Properties), events), count).RunAsync(ct);
        return new RestoredSet(run.Notes, subscriptions);
    }

    /// <summary>Compares the restored database with the counts of the dump.</summary>
    /// <param name="found">What was counted in the restored database.</param>
    /// <returns>What was not proven, in words.</returns>
    /// <exception cref="DbSafetyException"><c>DBS301</c>.</exception>
    public static IReadOnlyList<string> Verify(PgBackup backup, PgFingerprint found, RestoreOptions options)
    {
        var manifest = backup.Manifest;
        // A table of an extension that is not configuration of the installed version has its own rows.
        manifest = manifest with { Tables = [.. manifest.Tables.Where(t => !found.NotCounted.Contains($"extension's own table {t}", StringComparer.Ordinal))] };
        var doubts = backup.Foreign?.Content?.Plain?.Sections.FirstOrDefault(s => s.Database == backup.Foreign.Section)?.Doubts;
        var open = Doubtful(manifest, doubts, found, options);
        manifest = Certain(manifest, doubts);
        var differences = RestoredCounts.Differences(manifest, found, options, "the dump", out var added, out var more);
        added = [.. added.Where(t => doubts?.Tables.Contains(new TableName(t.Schema, t.Name)) != true)];
        // A table without rows is not named where rows are INSERT statements.
        differences.AddRange(added.Where(t => t.Rows > 0).Select(t => $"{t} has {t.Rows:N0} rows that are not in the dump"));
        differences.AddRange(RestoredCounts.SequenceDifferences(manifest, found, options));
        if (manifest.LargeObjects != found.LargeObjects && options.Tables.Count == 0)
            differences.Add($"{manifest.LargeObjects:N0} large objects in the dump, {found.LargeObjects:N0} in the restored database");
        List<string> notes = [.. manifest.NotProven.Select(n => $"not proven: {n}"), .. more, .. open.Select(d => $"not comparable: {d}")];
        if (differences.Count == 0)
            return notes;
        if (backup.Foreign?.Content?.IsCounted != false)
            throw ErrorCatalogue.RestoreMismatch.For(manifest.Database, string.Join("; ", differences));
        return [.. notes, .. differences.Select(d => $"not comparable: {d}")];
    }

    /// <summary>The tables and sequences whose counts the dump proves.</summary>
    private static BackupManifest Certain(BackupManifest manifest, CountDoubts? doubts) => doubts is null ? manifest : manifest with
    {
        Tables = [.. manifest.Tables.Where(t => !doubts.Tables.Contains(new TableName(t.Schema, t.Name)))],
        Sequences = doubts.Sequences is null ? manifest.Sequences : [],
    };

    /// <summary>The differences of the others, which can be correct.</summary>
    private static List<string> Doubtful(BackupManifest manifest, CountDoubts? doubts, PgFingerprint found, RestoreOptions options)
    {
        if (doubts is null)
            return [];
        var tables = manifest with { Tables = [.. manifest.Tables.Where(t => doubts.Tables.Contains(new TableName(t.Schema, t.Name)))] };
        var differences = RestoredCounts.Differences(tables, found, options, "the dump", out _, out _);
        return doubts.Sequences is null ? differences : [.. differences, .. RestoredCounts.SequenceDifferences(manifest, found, options)];
    }

    /// <summary>The rows would stay there even if the restore fails.</summary>
    private static void RefuseForeignRows(PgBackup backup, IReadOnlyList<TableName> tables)
    {
        if (tables.Count > 0)
            throw ErrorCatalogue.RowsOfForeignTable.For(backup.Path, string.Join(", ", tables));
    }

    private static string Named(IReadOnlyList<ServerStatement> statements) =>
        string.Join("; ", statements.Take(MostStatements)) + (statements.Count > MostStatements ? $" and {statements.Count - MostStatements:N0} more" : "");
}
