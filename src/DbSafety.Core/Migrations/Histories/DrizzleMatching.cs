using System.Globalization;
using DbSafety.Migrations.Sources;

namespace DbSafety.Migrations.Histories;

/// <summary>A row of Drizzle's migration history.</summary>
internal sealed record DrizzleRow(string Id, string Hash, long CreatedAt, string? Name, DateTimeOffset? AppliedAt);

/// <summary>
/// Finds the file of each row of Drizzle's migration history: by its name if it has one; otherwise by its time, as the tool does; by its hash if
/// several have the same time, or if the journal's time was changed after it ran.
/// </summary>
internal static class DrizzleMatching
{
    public static IReadOnlyList<HistoryEntry> Match(DrizzleLayout layout, IReadOnlyList<MigrationFile> files, IReadOnlyList<DrizzleRow> rows)
    {
        var open = files.Where(f => !f.IsUnlisted).ToList();
        var found = new Dictionary<DrizzleRow, MigrationFile>();
        Take(open, rows, found, (f, r) => r.Name == f.Name);
        Take(open, rows, found, (f, r) => SameTime(layout, f, r) && f.Matches(r.Hash));
        Take(open, rows, found, (f, r) => SameTime(layout, f, r));
        Take(open, rows, found, (f, r) => f.Matches(r.Hash));
        var last = rows.Count == 0 ? 0 : rows.Max(r => r.CreatedAt);
        return [.. rows.Select(r => Entry(layout, r, found.GetValueOrDefault(r), last))];
    }

    private static void Take(List<MigrationFile> open, IReadOnlyList<DrizzleRow> rows, Dictionary<DrizzleRow, MigrationFile> found, Func<MigrationFile, DrizzleRow, bool> fits)
    {
        foreach (var row in rows.Where(r => !found.ContainsKey(r)))
        {
            if (open.Find(f => fits(f, row)) is not { } file)
                continue;
            found[row] = file;
            open.Remove(file);
        }
    }

    /// <summary>Folder names have no milliseconds, and a row of the old layout has its own.</summary>
    private static bool SameTime(DrizzleLayout layout, MigrationFile file, DrizzleRow row) =>
        row.Name is null && (layout == DrizzleLayout.Journal ? row.CreatedAt == file.RecordedAs : row.CreatedAt / 1000 == file.RecordedAs / 1000);

    private static HistoryEntry Entry(DrizzleLayout layout, DrizzleRow row, MigrationFile? file, long last) =>
        new(row.Id, file?.Name ?? row.Name ?? "(of " + row.CreatedAt.ToString(CultureInfo.InvariantCulture) + ")", row.Hash, row.AppliedAt ?? Time(row.CreatedAt), null, null)
        {
            // By its time or its name only, the tool would treat it as pending.
            WouldRunAgain = file is not null && (layout == DrizzleLayout.Journal ? file.RecordedAs > last : row.Name is not null && row.Name != file.Name),
        };

    private static DateTimeOffset Time(long millis) =>
        millis is > 0 and < 253402300799999 ? DateTimeOffset.FromUnixTimeMilliseconds(millis) : DateTimeOffset.UnixEpoch;
}
