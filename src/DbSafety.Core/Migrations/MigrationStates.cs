using DbSafety.Migrations.Ledgers;
using DbSafety.Migrations.Sources;

namespace DbSafety.Migrations;

/// <summary>Lays the files and the ledger side by side.</summary>
internal static class MigrationStates
{
    public static IReadOnlyList<PgMigration> Combine(MigrationFolder folder, IReadOnlyList<LedgerEntry> ledger)
    {
        var attempts = ledger.ToLookup(e => e.Name, StringComparer.Ordinal);
        var known = folder.Files.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        var lastApplied = folder.Files.Where(f => attempts[f.Name].Any(e => e.IsApplied)).Select(f => f.Name).LastOrDefault();
        var states = folder.Files.Select(f => State(folder, f, [.. attempts[f.Name]], lastApplied)).ToList();
        foreach (var gone in attempts.Where(a => !known.Contains(a.Key) && a.Any(e => e.RolledBackAt is null)))
            states.Add(Gone(folder.Source, gone));
        return [.. states.OrderBy(s => s.Name, folder.Order)];
    }

    private static PgMigration State(MigrationFolder folder, MigrationFile file, List<LedgerEntry> attempts, string? lastApplied)
    {
        var migration = new PgMigration
        {
            Name = file.Name,
            Source = folder.Source,
            State = MigrationState.Pending,
            Path = file.Path,
            Checksum = file.Checksum,
        };
        if (attempts.Find(e => e.IsFailed) is { } failed)
            return migration with { State = MigrationState.Failed, Log = failed.Log, Note = WayOn.Failed(migration) };
        if (attempts.Find(e => e.IsApplied) is { } applied)
        {
            migration = migration with { AppliedAt = applied.FinishedAt };
            return file.Bytes is null ? migration with { State = MigrationState.NoScript, Note = WayOn.NoScript }
                : file.Matches(applied.Checksum) ? migration with { State = MigrationState.Applied }
                : migration with { State = MigrationState.Modified, Note = WayOn.Modified };
        }

        if (file.Bytes is null)
            return migration with { State = MigrationState.NoScript, Note = WayOn.NoScript };
        if (file.IsUnlisted)
            return migration with { State = MigrationState.Unlisted, Note = WayOn.Unlisted(file.Name) };
        if (lastApplied is not null && folder.Order.Compare(file.Name, lastApplied) < 0)
            return migration with { State = MigrationState.OutOfOrder, Note = WayOn.OutOfOrder(lastApplied) };
        return attempts.Count == 0 ? migration : migration with { State = MigrationState.RolledBack, Log = attempts[^1].Log };
    }

    private static PgMigration Gone(MigrationSource source, IGrouping<string, LedgerEntry> attempts)
    {
        var entry = attempts.FirstOrDefault(e => e.IsFailed) ?? attempts.Last(e => e.RolledBackAt is null);
        var migration = new PgMigration
        {
            Name = attempts.Key,
            Source = source,
            State = MigrationState.Missing,
            Checksum = entry.Checksum,
            AppliedAt = entry.FinishedAt,
            Log = entry.Log,
            Note = WayOn.Missing,
        };
        return entry.IsFailed ? migration with { State = MigrationState.Failed, Note = WayOn.Failed(migration) } : migration;
    }
}
