using System.Globalization;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Operations;

namespace DbSafety.Backups.Retention;

/// <summary>Decides which sets stay and which go, with the reason for each. No I/O.</summary>
internal static class RetentionPlan
{
    /// <summary>
    /// The decision for each set, the oldest first. Only intact sets count, and only in exactly the same series (server, environment and database); the
    /// newest of them always stays, and so does each that is pinned or has a label to keep.
    /// </summary>
    public static IReadOnlyList<RetentionVerdict> Decide(IEnumerable<PgBackup> sets, RetentionPolicy policy, DateTimeOffset now)
    {
        var verdicts = new List<RetentionVerdict>();
        var counted = new Dictionary<string, PgBackup>(StringComparer.Ordinal);
        // A copy of a manifest or a link to it is not a second set.
        foreach (var set in sets.OrderByDescending(s => SetFiles.OwnName().IsMatch(Path.GetFileName(s.Path))).ThenBy(s => s.Path, StringComparer.Ordinal))
        {
            if ((Uncounted(set, now) ?? Copy(set, counted)) is { } reason)
                verdicts.Add(new RetentionVerdict(set, RetentionDecision.Ignore, reason));
        }

        var candidates = counted.Values.GroupBy(s => BackupSeries.Of(s.Manifest)).SelectMany(series => Judge(series, policy, now))
            .OrderBy(c => c.Set.SnapshotTime).ThenBy(c => c.Set.Path, StringComparer.Ordinal).ToList();
        verdicts.AddRange(Limit(candidates, policy));
        return [.. verdicts.OrderBy(v => v.Set.SnapshotTime).ThenBy(v => v.Set.Path, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Whether retention counts the set. A time in the future is that of a wrong clock: such a set must not count as the newest, because newer sets would be
    /// removed instead of it.
    /// </summary>
    public static bool Counts(PgBackup set, DateTimeOffset now) => Uncounted(set, now) is null;

    private static string? Uncounted(PgBackup set, DateTimeOffset now) => set.State switch
    {
        BackupState.Excerpt => "contains only a part of the database",
        BackupState.Damaged => "damaged",
        BackupState.Incomplete => "incomplete",
        BackupState.Foreign => "created by another tool",
        _ => set.SnapshotTime > now ? "its time is in the future" : set.FailedLastTest ? "its last test failed" : null,
    };

    private static string? Copy(PgBackup set, Dictionary<string, PgBackup> counted)
    {
        var identity = set.Manifest.Seal is { Length: > 0 } seal ? seal : set.Path;
        return counted.TryAdd(identity, set) ? null : $"a copy of {Path.GetFileName(counted[identity].Path)}";
    }

    /// <summary>What keeps each set of a series.</summary>
    private static List<RetentionCandidate> Judge(IEnumerable<PgBackup> series, RetentionPolicy policy, DateTimeOffset now)
    {
        var newestFirst = series.OrderByDescending(s => s.SnapshotTime).ThenByDescending(s => s.Path, StringComparer.Ordinal).Select(s => new RetentionCandidate(s)).ToList();
        newestFirst[0].Protect("newest intact backup");
        // After the server's clock was set back, the backup that was created last does not have the latest time.
        if (newestFirst.MaxBy(c => WalPosition(c.Set.Manifest.Lsn)) is { } last && last != newestFirst[0])
            last.Protect("newest intact backup by its WAL position");
        foreach (var candidate in newestFirst)
            ProtectChosen(candidate, policy, now);

        for (var i = 0; i < Math.Min(policy.KeepLast, newestFirst.Count); i++)
            newestFirst[i].Keep($"{i + 1} of the last {policy.KeepLast}");
        KeepNewest(newestFirst, policy.KeepHourly, "hour", t => t.ToString("yyyy-MM-dd HH'h'", CultureInfo.InvariantCulture));
        KeepNewest(newestFirst, policy.KeepDaily, "day", t => t.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        KeepNewest(newestFirst, policy.KeepWeekly, "week", t => $"{ISOWeek.GetYear(t)}-W{ISOWeek.GetWeekOfYear(t):00}");
        KeepNewest(newestFirst, policy.KeepMonthly, "month", t => t.ToString("yyyy-MM", CultureInfo.InvariantCulture));
        KeepNewest(newestFirst, policy.KeepYearly, "year", t => t.ToString("yyyy", CultureInfo.InvariantCulture));
        if (policy.KeepsAll)
            newestFirst.ForEach(c => c.Keep("within the size limit"));
        return newestFirst;
    }

    private static void ProtectChosen(RetentionCandidate candidate, RetentionPolicy policy, DateTimeOffset now)
    {
        var set = candidate.Set;
        if (set.PinnedUntil is { } until && until > now)
            candidate.Protect($"pinned until {until.UtcDateTime:yyyy-MM-dd}{(set.PinReason is { } why ? $" ({why})" : "")}");
        if (set.HasRowsSince)
            candidate.Protect(RowsSince(set));
        if (set.Labels.FirstOrDefault(l => policy.KeepLabels.Contains(l, StringComparer.OrdinalIgnoreCase)) is { } label)
            candidate.Protect($"label {label}");
        if (policy.OlderThan is { } age && now - set.SnapshotTime <= age)
            candidate.Protect($"not older than {AgeText.Of(age)}");
    }

    /// <summary>Why a set with a script of later rows stays: no backup contains these rows.</summary>
    public static string RowsSince(PgBackup set) => $"{Path.GetFileName(SetFiles.RowsSince(set.Path))} contains rows that were committed after it; to remove the set, move or delete that file first";

    private static void KeepNewest(List<RetentionCandidate> newestFirst, int periods, string unit, Func<DateTime, string> period)
    {
        var number = 0;
        foreach (var newest in newestFirst.DistinctBy(c => period(c.Set.SnapshotTime.UtcDateTime)).Take(periods))
            newest.Keep($"newest of {unit} {period(newest.Set.SnapshotTime.UtcDateTime)} ({++number} of {periods})");
    }

    /// <summary>Removes the oldest sets that are not protected until the others fit.</summary>
    private static IEnumerable<RetentionVerdict> Limit(List<RetentionCandidate> oldestFirst, RetentionPolicy policy)
    {
        var total = oldestFirst.Where(c => c.IsKept).Sum(c => c.Set.Bytes);
        foreach (var candidate in oldestFirst)
        {
            if (!candidate.IsKept)
            {
                yield return new RetentionVerdict(candidate.Set, RetentionDecision.Remove, policy.OlderThan is { } age ? $"older than {AgeText.Of(age)}, and no rule keeps it" : "no rule keeps it");
            }
            else if (total > policy.MaxBytes && !candidate.IsProtected)
            {
                total -= candidate.Set.Bytes;
                yield return new RetentionVerdict(candidate.Set, RetentionDecision.Remove, $"the backups exceed the size limit of {ByteSize.Text(policy.MaxBytes.Value)}, and the oldest are removed first");
            }
            else
            {
                yield return new RetentionVerdict(candidate.Set, RetentionDecision.Keep, candidate.Reasons);
            }
        }
    }

    /// <summary>PostgreSQL's <c>16/B374D848</c> as a number; -1 if the set has none.</summary>
    private static decimal WalPosition(string? lsn) =>
        lsn?.Split('/') is [var high, var low] && uint.TryParse(high, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var upper) && uint.TryParse(low, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var lower)
            ? ((ulong)upper << 32) | lower : -1;
}

/// <summary>The decision for a set, and why.</summary>
internal sealed record RetentionVerdict(PgBackup Set, RetentionDecision Decision, string Reason)
{
    public PgBackup Decided => Set with { Decision = Decision, Reason = Reason };
}
