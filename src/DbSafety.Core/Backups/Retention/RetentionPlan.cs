using System.Globalization;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;

namespace DbSafety.Backups.Retention;

/// <summary>Decides which sets go. No I/O.</summary>
internal static class RetentionPlan
{
    /// <summary>
    /// The sets to remove, the oldest first. Only intact sets count, and only in exactly the same series (server, environment and
    /// database); the newest of them always stays, and so does each that is pinned.
    /// </summary>
    public static IReadOnlyList<PgBackup> Removals(IEnumerable<PgBackup> sets, RetentionPolicy policy, DateTimeOffset now) =>
    [
        .. sets.Where(s => s.State == BackupState.Intact)
            // A copy of a manifest or a link to it is not a second set: it neither counts nor is removed.
            .OrderByDescending(s => SetFiles.OwnName().IsMatch(Path.GetFileName(s.Path)))
            .ThenBy(s => s.Path, StringComparer.Ordinal)
            .DistinctBy(s => s.Manifest.Seal is { Length: > 0 } seal ? seal : s.Path)
            .GroupBy(s => BackupSeries.Of(s.Manifest))
            .SelectMany(group => OfOne([.. group.OrderByDescending(s => s.SnapshotTime).ThenByDescending(s => s.Path, StringComparer.Ordinal)], policy, now))
            .Where(s => s.PinnedUntil is not { } until || until <= now)
            .OrderBy(s => s.SnapshotTime)
            .ThenBy(s => s.Path, StringComparer.Ordinal),
    ];

    private static IEnumerable<PgBackup> OfOne(IReadOnlyList<PgBackup> newestFirst, RetentionPolicy policy, DateTimeOffset now)
    {
        var kept = newestFirst.Take(Math.Max(1, policy.KeepLast))
            .Concat(NewestOfEach(newestFirst, policy.KeepDaily, t => t.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)))
            .Concat(NewestOfEach(newestFirst, policy.KeepWeekly, t => $"{ISOWeek.GetYear(t)}-W{ISOWeek.GetWeekOfYear(t)}"))
            .Concat(NewestOfEach(newestFirst, policy.KeepMonthly, t => t.ToString("yyyy-MM", CultureInfo.InvariantCulture)))
            .Select(s => s.Path)
            .ToHashSet(StringComparer.Ordinal);
        return newestFirst.Where(s => !kept.Contains(s.Path) && (policy.OlderThan is not { } age || s.SnapshotTime < now - age));
    }

    private static IEnumerable<PgBackup> NewestOfEach(IEnumerable<PgBackup> newestFirst, int periods, Func<DateTime, string> period) =>
        newestFirst.DistinctBy(s => period(s.SnapshotTime.UtcDateTime)).Take(periods);
}
