using System.Globalization;
using CsCheck;
using DbSafety.Backups.Retention;
using DbSafety.Backups.Sets;

namespace DbSafety.Core.Tests.Backups;

/// <summary>
/// Ten years of a schedule that backs up and removes, at random times. Clocks jump, backups are damaged, incomplete or pinned, several have the same time, and several databases have sets in
/// the folder.
/// </summary>
public sealed class RetentionYearsTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 2, 15, 0, TimeSpan.Zero), End = Start.AddYears(10);

    private static readonly Gen<TimeSpan> Pause = Gen.Frequency(
        (1, Gen.Const(TimeSpan.Zero)),
        (3, Gen.Int[1, 90].Select(m => TimeSpan.FromMinutes(m))),
        (4, Gen.Int[1, 30].Select(h => TimeSpan.FromHours(h))),
        (3, Gen.Int[1, 20].Select(d => TimeSpan.FromDays(d))),
        (2, Gen.Int[20, 200].Select(d => TimeSpan.FromDays(d))));

    private static readonly Gen<TimeSpan> ClockError = Gen.Frequency((12, Gen.Const(TimeSpan.Zero)), (1, Gen.Int[-90, 90].Select(m => TimeSpan.FromMinutes(m))), (1, Gen.Int[-800, 800].Select(d => TimeSpan.FromDays(d))));

    private static readonly Gen<Step> Steps = Gen.Select(Pause, ClockError, Gen.Select(ClockError, Gen.Int[0, 9]), Gen.Int[0, 30], Gen.Int[1, 50], Gen.OneOf("shop", "shop-test", "shop"),
        (pause, server, local, kind, megabytes, database) => new Step(pause, server, local.Item2 == 0 ? local.Item1 : TimeSpan.Zero, kind, megabytes, database));

    private static readonly Gen<RetentionPolicy> Policies = Gen.Select(RetentionPropertyTests.Policies, Gen.Int[-2000, 1000], (policy, megabytes) => policy with { MaxBytes = megabytes < 0 ? null : (long)megabytes << 20 });

    /// <summary>A backup, and a removal if the kind is even.</summary>
    private sealed record Step(TimeSpan Pause, TimeSpan ServerClockError, TimeSpan LocalClockError, int Kind, long Megabytes, string Database);

    [Fact]
    [Hazard("H14")]
    public void Ten_years_of_removals_keep_the_last_backup_and_the_newest_of_each_generation_and_a_second_run_removes_nothing() => Gen.Select(Steps.Array[180], Policies).Sample(
        (steps, policy) =>
        {
            var (folder, history, now, isExact) = (new List<PgBackup>(), new List<PgBackup>(), Start, policy.MaxBytes is null && !policy.IsEmpty);
            for (var i = 0; i < steps.Length && now < End && !policy.IsEmpty; i++)
            {
                now += steps[i].Pause;
                folder.Add(Created(i, steps[i], now));
                history.Add(folder[^1]);
                if (steps[i].Kind % 2 != 0)
                    continue;
                isExact &= steps[i].LocalClockError == TimeSpan.Zero;
                Remove(folder, policy, now + steps[i].LocalClockError);
            }

            // A schedule that removes after each backup loses nothing that one removal at the end would have kept.
            if (isExact)
                Assert.Empty(history.Except(RetentionRemovals.Of(history, policy, now)).Except(folder));
        },
        iter: Round.Times(60, 10_000));

    private static void Remove(List<PgBackup> folder, RetentionPolicy policy, DateTimeOffset now)
    {
        var plan = RetentionPlan.Decide(folder, policy, now);
        Assert.Equal(folder.Count, plan.Count);
        Assert.All(plan, v => Assert.NotEmpty(v.Reason));
        var removed = plan.Where(v => v.Decision == RetentionDecision.Remove).Select(v => v.Set).ToHashSet();
        var safe = Protected(folder, policy, now);
        Assert.All(folder.Where(s => !Counts(s, now) || safe.Contains(s)), s => Assert.DoesNotContain(s, removed));
        var generations = Generations(folder, policy, now).ToHashSet();
        if (policy.MaxBytes is { } most)
            Limited(folder, removed, safe, generations, now, most);
        else
            Assert.Empty(generations.Intersect(removed));

        if (policy.MaxBytes is null)
            Assert.All(folder.Select(s => s.Database).Distinct(), name => Assert.Equal(Of(removed, name), Of(RetentionRemovals.Of(Of(folder, name), policy, now), name)));
        folder.RemoveAll(removed.Contains);
        Assert.Empty(RetentionRemovals.Of(folder, policy, now));
    }

    /// <summary>Only what exceeds the limit goes, the oldest first.</summary>
    private static void Limited(List<PgBackup> folder, HashSet<PgBackup> removed, HashSet<PgBackup> safe, HashSet<PgBackup> generations, DateTimeOffset now, long most)
    {
        var stay = folder.Where(s => Counts(s, now) && !removed.Contains(s)).ToList();
        var bytes = stay.Sum(s => s.Bytes);
        if (bytes > most)
            Assert.All(stay, s => Assert.Contains(s, safe));
        if (generations.Where(removed.Contains).MaxBy(s => (s.SnapshotTime, s.Path)) is not { } last)
            return;
        Assert.True(bytes + last.Bytes > most, "a backup was removed although it fits");
        Assert.All(stay.Where(s => !safe.Contains(s)), s => Assert.True((s.SnapshotTime, s.Path).CompareTo((last.SnapshotTime, last.Path)) > 0));
    }

    private static HashSet<PgBackup> Protected(List<PgBackup> folder, RetentionPolicy policy, DateTimeOffset now) =>
    [
        .. Series(folder, now).SelectMany(series => (PgBackup[])[series[0], series.MaxBy(s => Convert.ToInt64(s.Manifest.Lsn![2..], 16))!]),
        .. folder.Where(s => s.PinnedUntil > now || s.Labels.Intersect(policy.KeepLabels).Any() || (policy.OlderThan is { } age && s.SnapshotTime >= now - age)),
    ];

    private static IEnumerable<PgBackup> Generations(List<PgBackup> folder, RetentionPolicy policy, DateTimeOffset now) => Series(folder, now).SelectMany(series => series.Take(policy.KeepLast)
        .Concat(series.DistinctBy(s => s.SnapshotTime.Ticks / TimeSpan.TicksPerHour).Take(policy.KeepHourly))
        .Concat(series.DistinctBy(s => s.SnapshotTime.Ticks / TimeSpan.TicksPerDay).Take(policy.KeepDaily))
        // 0001-01-01 was a Monday.
        .Concat(series.DistinctBy(s => s.SnapshotTime.Ticks / (7 * TimeSpan.TicksPerDay)).Take(policy.KeepWeekly))
        .Concat(series.DistinctBy(s => (s.SnapshotTime.Year * 12) + s.SnapshotTime.Month).Take(policy.KeepMonthly))
        .Concat(series.DistinctBy(s => s.SnapshotTime.Year).Take(policy.KeepYearly))
        .Concat(policy is { MaxBytes: not null, OlderThan: null, KeepLast: 0, KeepHourly: 0, KeepDaily: 0, KeepWeekly: 0, KeepMonthly: 0, KeepYearly: 0 } ? series : []));

    private static IEnumerable<List<PgBackup>> Series(List<PgBackup> folder, DateTimeOffset now) =>
        folder.Where(s => Counts(s, now)).GroupBy(s => s.Database).Select(g => g.OrderByDescending(s => (s.SnapshotTime, s.Path)).ToList());

    private static bool Counts(PgBackup set, DateTimeOffset now) => set.State == BackupState.Intact && set.SnapshotTime <= now;

    private static List<PgBackup> Of(IEnumerable<PgBackup> sets, string database) => [.. sets.Where(s => s.Database == database).OrderBy(s => (s.SnapshotTime, s.Path))];

    private static PgBackup Created(int number, Step step, DateTimeOffset now)
    {
        var manifest = ManifestFileTests.Manifest with
        {
            Database = step.Database,
            SnapshotTime = now + step.ServerClockError,
            Lsn = string.Create(CultureInfo.InvariantCulture, $"0/{number:X8}"),
            Seal = string.Create(CultureInfo.InvariantCulture, $"seal {number}"),
            Labels = step.Kind == 8 ? ["release"] : [],
            Files = [ManifestFileTests.Manifest.Files[0] with { Bytes = step.Megabytes << 20 }],
        };
        return new PgBackup(string.Create(CultureInfo.InvariantCulture, $"/b/backup_prod{number:d3}_{step.Database}.json"), manifest)
        {
            State = step.Kind switch { 1 or 2 => BackupState.Damaged, 3 => BackupState.Incomplete, 4 => BackupState.Foreign, 5 => BackupState.Excerpt, _ => BackupState.Intact },
            PinnedUntil = step.Kind is 6 or 7 ? now.AddDays(number * 5) : null,
        };
    }
}
