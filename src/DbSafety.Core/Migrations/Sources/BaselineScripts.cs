namespace DbSafety.Migrations.Sources;

/// <summary>
/// Flyway's baseline scripts: without a versioned row in the history, the newest replaces all versions up to its own; with such a row, none is run (flyway-core, BaselineResolvedMigration).
/// </summary>
internal static class BaselineScripts
{
    /// <summary>The files that are not run for that, and why.</summary>
    public static IReadOnlyDictionary<string, string> Skipped(MigrationFolder folder, ILookup<string, HistoryEntry> attempts)
    {
        var skipped = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!folder.Files.Any(f => f is { IsBaseline: true, IsUnlisted: false }))
            return skipped;
        var (hasHistory, newest) = (HasVersions(folder, attempts), folder.Files.Last(f => f is { IsBaseline: true, IsUnlisted: false }));
        foreach (var file in folder.Files.Where(f => f.Version is not null && f != newest))
        {
            // The files are in the order of their versions.
            if (hasHistory ? file.IsBaseline : IsBefore(folder, file, newest))
                skipped[file.Name] = hasHistory ? NotEmpty : $"{newest.Name} replaces it on a database without a history.";
        }

        if (hasHistory)
            skipped[newest.Name] = NotEmpty;
        return skipped;
    }

    private const string NotEmpty = "A baseline script is run only on a database without a history.";

    private static bool IsBefore(MigrationFolder folder, MigrationFile file, MigrationFile other) => folder.Order.Compare(file.Name, other.Name) < 0;

    private static bool HasVersions(MigrationFolder folder, ILookup<string, HistoryEntry> attempts)
    {
        var files = folder.Files.ToLookup(f => f.Name, StringComparer.Ordinal);
        return attempts.Any(a => files[a.Key].FirstOrDefault() is { } file ? file.Version is not null : FileKeys.Normal(a.Key).StartsWith('#'));
    }
}
