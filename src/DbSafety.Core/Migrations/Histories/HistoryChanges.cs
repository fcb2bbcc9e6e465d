using DbSafety.Migrations.Sources;

namespace DbSafety.Migrations.Histories;

/// <summary>Reports the changes that other runs made to a migration history between two readings.</summary>
internal static class HistoryChanges
{
    public static IReadOnlyList<string> Between(IReadOnlyList<HistoryEntry> before, IReadOnlyList<HistoryEntry> now)
    {
        var (old, current) = (before.ToDictionary(e => e.Id, StringComparer.Ordinal), now.Select(e => e.Id).ToHashSet(StringComparer.Ordinal));
        return
        [
            .. now.Where(e => !old.ContainsKey(e.Id)).Select(e => Added(e, before)),
            .. now.Where(e => old.TryGetValue(e.Id, out var then) && !IsSame(then, e)).Select(e => $"the row of {e.Name} was changed by another run"),
            .. before.Where(e => !current.Contains(e.Id)).Select(e => $"the row of {e.Name} was removed by another run"),
        ];
    }

    /// <summary>Compares only what determines whether and how a migration runs.</summary>
    private static bool IsSame(HistoryEntry one, HistoryEntry other) => one.Checksum == other.Checksum && one.IsApplied == other.IsApplied && one.IsFailed == other.IsFailed;

    /// <summary>Drizzle's rows may have no name: a second row of a migration is identified by its hash.</summary>
    private static string Added(HistoryEntry entry, IReadOnlyList<HistoryEntry> before)
    {
        var known = before.FirstOrDefault(e => e.IsApplied && (e.Name == entry.Name || e.Checksum == entry.Checksum));
        return known is not null && entry.IsApplied ? $"{known.Name} was applied a second time by another run"
            : $"{entry.Name} was {(entry.IsApplied ? "applied" : entry.IsFailed ? "started" : "rolled back")} by another run";
    }
}
