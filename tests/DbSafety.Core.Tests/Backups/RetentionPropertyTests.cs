using System.Globalization;
using CsCheck;
using DbSafety.Backups.Retention;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;

namespace DbSafety.Core.Tests.Backups;

public sealed class RetentionPropertyTests
{
    private static readonly DateTimeOffset Now = new(2027, 1, 4, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Over two months around the turn of the year; often on the last second and the first of a day.</summary>
    private static readonly Gen<DateTimeOffset> Time = Gen.Frequency(
        (2, Gen.Int[0, 70 * 24 * 60].Select(minutes => Now.AddMinutes(-minutes))),
        (1, Gen.Select(Gen.Int[0, 70], Gen.Int[-1, 1], (days, second) => new DateTimeOffset(Now.Date, TimeSpan.Zero).AddDays(-days).AddSeconds(second))));

    internal static readonly Gen<RetentionPolicy> Policies = Gen.Select(
        Gen.Int[0, 5], Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5]), Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[-40, 60], Gen.Bool, (last, frequent, weekly, monthly, yearly, days, labels) => new RetentionPolicy
        {
            KeepLast = last,
            KeepHourly = frequent.Item1,
            KeepDaily = frequent.Item2,
            KeepWeekly = weekly,
            KeepMonthly = monthly,
            KeepYearly = yearly,
            KeepLabels = labels ? ["release"] : [],
            OlderThan = days < 0 ? null : TimeSpan.FromDays(days),
        });

    /// <summary>Of several series and states, some pinned, some listed twice under another name.</summary>
    private static readonly Gen<PgBackup[]> Folders = Gen.Select(
        Time, Gen.OneOf("a", "ab"), Gen.OneOf<string?>(null, "7", "77"), Gen.Frequency((6, Gen.Const(BackupState.Intact)), (1, Gen.OneOf(BackupState.Damaged, BackupState.Incomplete, BackupState.Foreign, BackupState.Excerpt))),
        Gen.Int[0, 12], (time, database, server, state, kind) => (time, database, server, state, kind))
        .Array[1, 40].Select(drawn => drawn.SelectMany((d, i) => Sets(i, d.time, d.database, d.server, d.state, d.kind)).ToArray());

    [Fact]
    public void Only_intact_unpinned_backups_are_removed_and_the_newest_of_each_series_is_retained() => Gen.Select(Folders, Policies).Holds((folder, policy) =>
    {
        var removed = RetentionRemovals.Of(folder, policy, Now);
        Assert.All(removed, s => Assert.True(s.State == BackupState.Intact && !(s.PinnedUntil > Now)));
        Assert.All(Series(folder), s => Assert.True(s[0].All(same => !removed.Contains(same))));
        Assert.Equal(removed.Count, removed.Distinct().Count());
    });

    [Fact]
    public void Every_retention_rule_retains_its_number_of_newest_backups() => Gen.Select(Folders, Policies).Holds((folder, policy) =>
    {
        var removed = RetentionRemovals.Of(folder, policy, Now).ToHashSet();
        foreach (var series in Series(folder))
        {
            Stay(series.Take(policy.KeepLast));
            Stay(series.DistinctBy(s => s[0].SnapshotTime.Ticks / TimeSpan.TicksPerHour).Take(policy.KeepHourly));
            Stay(series.DistinctBy(s => s[0].SnapshotTime.UtcDateTime.Date).Take(policy.KeepDaily));
            Stay(series.DistinctBy(s => (s[0].SnapshotTime.UtcDateTime.Date.AddDays(-(((int)s[0].SnapshotTime.UtcDateTime.DayOfWeek + 6) % 7)))).Take(policy.KeepWeekly));
            Stay(series.DistinctBy(s => (s[0].SnapshotTime.UtcDateTime.Year, s[0].SnapshotTime.UtcDateTime.Month)).Take(policy.KeepMonthly));
            Stay(series.DistinctBy(s => s[0].SnapshotTime.UtcDateTime.Year).Take(policy.KeepYearly));
            Stay(series.Where(s => s[0].Labels.Intersect(policy.KeepLabels).Any()));
            Stay(series.Where(s => policy.OlderThan is { } age && s[0].SnapshotTime >= Now - age));
        }

        void Stay(IEnumerable<PgBackup[]> kept) => Assert.All(kept, s => Assert.DoesNotContain(s, removed.Contains));
    });

    [Fact]
    public void A_backup_that_no_rule_retains_is_removed() => Gen.Select(Folders, Policies.Where(p => !p.IsEmpty)).Holds((folder, policy) =>
    {
        var removed = RetentionRemovals.Of(folder, policy, Now).ToHashSet();
        var most = Math.Max(1, policy.KeepLast) + policy.KeepHourly + policy.KeepDaily + policy.KeepWeekly + policy.KeepMonthly + policy.KeepYearly;
        Assert.All(Series(folder), series => Assert.InRange(
            series.Count(s => !s.Any(removed.Contains) && s.All(same => same.PinnedUntil is null && same.Labels.Count == 0) && !(s[0].SnapshotTime >= Now - policy.OlderThan)), 0, most));
    });

    [Fact]
    public void The_order_of_the_listed_backups_does_not_affect_retention() => Gen.Select(Folders, Policies, Gen.Int).Holds((folder, policy, seed) =>
    {
        var shuffled = folder.ToArray();
        new Random(seed).Shuffle(shuffled);
        Assert.Equal(RetentionRemovals.Of(folder, policy, Now), RetentionRemovals.Of(shuffled, policy, Now));
    });

    [Fact]
    public void A_more_generous_policy_removes_no_backup_that_a_stricter_policy_retains() => Gen.Select(Folders, Policies, Policies).Holds((folder, policy, more) =>
    {
        var generous = new RetentionPolicy
        {
            KeepLast = policy.KeepLast + more.KeepLast,
            KeepHourly = policy.KeepHourly + more.KeepHourly,
            KeepDaily = policy.KeepDaily + more.KeepDaily,
            KeepWeekly = policy.KeepWeekly + more.KeepWeekly,
            KeepMonthly = policy.KeepMonthly + more.KeepMonthly,
            KeepYearly = policy.KeepYearly + more.KeepYearly,
            KeepLabels = [.. policy.KeepLabels, .. more.KeepLabels],
            OlderThan = policy.OlderThan is null && more.OlderThan is null ? null : (policy.OlderThan ?? TimeSpan.Zero) + (more.OlderThan ?? TimeSpan.Zero),
        };
        Assert.Empty(RetentionRemovals.Of(folder, generous, Now).Except(RetentionRemovals.Of(folder, policy, Now)));
        Assert.Empty(RetentionRemovals.Of(folder, policy, Now).Except(RetentionRemovals.Of(folder, policy, Now.AddDays(more.KeepLast))));
    });

    [Fact]
    public void Backups_that_are_not_intact_do_not_affect_retention_and_a_second_run_removes_nothing() => Gen.Select(Folders, Policies).Holds((folder, policy) =>
    {
        var removed = RetentionRemovals.Of(folder, policy, Now);
        Assert.Equal(removed, RetentionRemovals.Of(folder.Where(s => s.State == BackupState.Intact), policy, Now));
        var seals = removed.Select(s => s.Manifest.Seal).ToHashSet();
        Assert.Empty(RetentionRemovals.Of(folder.Where(s => !seals.Contains(s.Manifest.Seal)), policy, Now));
    });

    /// <summary>The intact sets of each series, the newest first, each with its copies.</summary>
    private static IEnumerable<List<PgBackup[]>> Series(PgBackup[] folder) => folder.Where(s => s.State == BackupState.Intact)
        .GroupBy(s => s.Manifest.Seal).Select(g => g.ToArray()).GroupBy(g => BackupSeries.Of(g[0].Manifest))
        .Select(g => g.OrderByDescending(s => s[0].SnapshotTime).ThenByDescending(s => Named(s), StringComparer.Ordinal).ToList());

    /// <summary>Its own name decides between sets of the same second.</summary>
    private static string Named(PgBackup[] copies) => copies.Select(c => c.Path).Order(StringComparer.Ordinal).First(p => p.StartsWith("/b/backup_", StringComparison.Ordinal));

    private static IEnumerable<PgBackup> Sets(int number, DateTimeOffset time, string database, string? server, BackupState state, int kind)
    {
        var manifest = ManifestFileTests.Manifest with { Database = database, SnapshotTime = time, Seal = $"seal {number}", Labels = kind == 4 ? ["release"] : [], Source = ManifestFileTests.Manifest.Source with { SystemIdentifier = server } };
        var name = string.Create(CultureInfo.InvariantCulture, $"/b/backup_prod_{database}{number:d2}_{time.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");
        var set = new PgBackup(name + ".json", manifest) { State = state, PinnedUntil = kind switch { 0 => Now.AddDays(1), 1 => Now, _ => null } };
        yield return set;
        if (kind == 2)
            yield return set with { Path = $"/b/latest{number}.json" };
        if (kind == 3)
            yield return set with { Path = name + ".copy.json" };
    }
}
