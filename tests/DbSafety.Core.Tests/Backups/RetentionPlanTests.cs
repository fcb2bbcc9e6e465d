using System.Globalization;
using DbSafety.Backups.Retention;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;

namespace DbSafety.Core.Tests.Backups;

public sealed class RetentionPlanTests
{
    private static readonly DateTimeOffset Now = At("2026-11-20T12:00:00Z");

    [Fact]
    public void KeepLast_retains_the_newest_backups()
    {
        var sets = Every(TimeSpan.FromHours(1), 10);
        Assert.Equal(sets.Take(7), Removed(sets, new RetentionPolicy { KeepLast = 3 }));
    }

    [Fact]
    public void KeepDaily_retains_the_newest_backup_of_each_UTC_day_and_ignores_days_without_backups()
    {
        var sets = Sets("2026-11-10T23:59:59Z", "2026-11-11T00:00:00Z", "2026-11-11T08:00:00Z", "2026-11-15T01:00:00+02:00", "2026-11-15T01:00:00Z", "2026-11-20T11:00:00Z");
        // 15 November 01:00 in +02:00 is the 14th in UTC.
        Assert.Equal(["2026-11-10T23:59:59Z", "2026-11-11T00:00:00Z"], Times(Removed(sets, new RetentionPolicy { KeepDaily = 4 })));
    }

    [Fact]
    public void KeepWeekly_uses_ISO_8601_weeks_across_the_end_of_a_year()
    {
        // 2027-01-03 is a Sunday and belongs to week 53 of 2026; 2027-01-04 begins week 1 of 2027.
        var sets = Sets("2026-12-28T01:00:00Z", "2026-12-31T01:00:00Z", "2027-01-03T23:00:00Z", "2027-01-04T00:00:00Z");
        Assert.Equal(["2026-12-28T01:00:00Z", "2026-12-31T01:00:00Z"], Times(RetentionRemovals.Of(sets, new RetentionPolicy { KeepWeekly = 2 }, At("2027-01-05T00:00:00Z"))));
    }

    [Fact]
    public void KeepMonthly_uses_calendar_months()
    {
        var sets = Sets("2026-09-30T23:00:00Z", "2026-10-01T00:00:00Z", "2026-10-31T23:00:00Z", "2026-11-01T00:00:00Z");
        Assert.Equal(["2026-09-30T23:00:00Z", "2026-10-01T00:00:00Z"], Times(Removed(sets, new RetentionPolicy { KeepMonthly = 2 })));
    }

    [Fact]
    public void KeepHourly_and_KeepYearly_use_UTC_hours_and_calendar_years()
    {
        // In local time with daylight saving, 25 October 2026 has 02:30 twice; in UTC it is two hours.
        var hours = Sets("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T01:59:59Z", "2026-10-25T02:00:00Z");
        Assert.Equal(["2026-10-25T01:30:00Z"], Times(Removed(hours, new RetentionPolicy { KeepHourly = 3 })));
        var years = Sets("2023-12-31T23:59:59Z", "2024-01-01T00:00:00Z", "2025-01-01T00:30:00+01:00", "2026-01-01T00:00:00Z");
        Assert.Equal(["2023-12-31T23:59:59Z", "2024-01-01T00:00:00Z"], Times(Removed(years, new RetentionPolicy { KeepYearly = 2 })));
    }

    [Fact]
    public void A_backup_with_a_label_to_keep_is_not_removed()
    {
        var sets = Every(TimeSpan.FromDays(1), 5);
        sets[1] = sets[1] with { Manifest = sets[1].Manifest with { Labels = ["nightly", "Release"] } };
        Assert.Equal([sets[0], sets[2], sets[3]], Removed(sets, new RetentionPolicy { KeepLast = 1, KeepLabels = ["release"] }));
        Assert.Equal([sets[0], sets[2], sets[3]], Removed(sets, new RetentionPolicy { MaxBytes = 0, KeepLabels = ["release"] }));
        Assert.Equal(sets[..4], Removed(sets, new RetentionPolicy { KeepLast = 1, KeepLabels = ["releas"] }));
        Assert.True(new RetentionPolicy { KeepLabels = ["release"] }.IsEmpty);
    }

    [Fact]
    public void The_size_limit_removes_the_oldest_backups_of_all_databases_but_no_protected_backup()
    {
        PgBackup[] sets = [.. Every(TimeSpan.FromDays(1), 6).Select((s, i) => Sized(i % 2 == 0 ? s : s with { Manifest = s.Manifest with { Database = "other" } }))];
        Assert.Empty(Removed(sets, new RetentionPolicy { MaxBytes = 60 }));
        Assert.Equal(sets[..1], Removed(sets, new RetentionPolicy { MaxBytes = 59 }));
        Assert.Equal(sets[..3], Removed(sets, new RetentionPolicy { MaxBytes = 30, KeepDaily = 10 }));
        Assert.Equal(sets[..4], Removed(sets, new RetentionPolicy { MaxBytes = 0 }));

        Assert.Equal(sets[..2], Removed(sets, new RetentionPolicy { MaxBytes = 0, OlderThan = TimeSpan.FromDays(3.5) }));
        sets[1] = sets[1] with { PinnedUntil = Now.AddDays(1) };
        Assert.Equal([sets[0], sets[2]], Removed(sets, new RetentionPolicy { MaxBytes = 40 }));

        static PgBackup Sized(PgBackup set) => set with { Manifest = set.Manifest with { Files = [set.Manifest.Files[0] with { Bytes = 10 }] } };
    }

    [Fact]
    public void A_backup_whose_last_test_failed_is_neither_counted_nor_removed()
    {
        var sets = Sets("2026-10-05T00:00:00Z", "2026-10-15T00:00:00Z", "2026-10-25T00:00:00Z", "2026-11-03T00:00:00Z");
        sets[2] = sets[2] with { FailedLastTest = true };
        Assert.Equal(sets[..1], Removed(sets, new RetentionPolicy { KeepMonthly = 2 }));
        var verdict = RetentionPlan.Decide(sets, new RetentionPolicy { KeepMonthly = 2 }, Now)[2];
        Assert.Equal((RetentionDecision.Ignore, "its last test failed"), (verdict.Decision, verdict.Reason));
    }

    [Fact]
    public void A_backup_with_a_script_of_later_rows_is_not_removed()
    {
        var sets = Every(TimeSpan.FromDays(1), 3);
        sets[0] = sets[0] with { HasRowsSince = true };
        Assert.Equal([sets[1]], Removed(sets, new RetentionPolicy { KeepLast = 1 }));
        Assert.Contains(".since.sql contains rows that were committed after it; to remove the set, move or delete that file first", RetentionPlan.Decide(sets, new RetentionPolicy { MaxBytes = 0 }, Now)[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backup_with_a_time_in_the_future_is_neither_counted_nor_removed()
    {
        var sets = Sets("2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z", "2031-01-01T00:00:00Z");
        Assert.Equal(sets[..1], Removed(sets, new RetentionPolicy { KeepLast = 1 }));
        Assert.Equal(sets[..2], RetentionRemovals.Of(sets, new RetentionPolicy { KeepLast = 1 }, At("2031-01-01T00:00:00Z")));
    }

    [Fact]
    public void A_backup_created_after_the_clock_was_set_back_is_not_removed_before_a_newer_backup_exists()
    {
        var sets = Sets("2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z", "2025-01-01T00:00:00Z");
        for (var i = 0; i < sets.Length; i++)
            sets[i] = sets[i] with { Manifest = sets[i].Manifest with { Lsn = $"{i}/FF" } };
        Assert.Equal(sets[..1], Removed(sets, new RetentionPolicy { KeepLast = 1 }));
        sets = [.. sets, Set("2026-11-20T00:00:00Z", "shop")];
        sets[3] = sets[3] with { Manifest = sets[3].Manifest with { Lsn = "10/0" } };
        Assert.Equal([sets[2], sets[0], sets[1]], Removed(sets, new RetentionPolicy { KeepLast = 1 }));
    }

    [Fact]
    public void Every_decision_has_its_reason()
    {
        PgBackup[] sets = [.. Sets("2025-12-01T00:00:00Z", "2026-11-18T08:00:00Z", "2026-11-18T09:00:00Z", "2026-11-19T00:00:00Z", "2026-11-20T09:00:00Z")];
        sets[0] = sets[0] with { PinnedUntil = At("2026-12-24T00:00:00Z"), PinReason = "it contains deleted data" };
        sets[3] = sets[3] with { State = BackupState.Damaged };
        Assert.Equal(
            [
                (RetentionDecision.Keep, "pinned until 2026-12-24 (it contains deleted data); newest of year 2025 (2 of 5)"),
                (RetentionDecision.Remove, "no rule keeps it"),
                (RetentionDecision.Keep, "newest of day 2026-11-18 (2 of 2)"),
                (RetentionDecision.Ignore, "damaged"),
                (RetentionDecision.Keep, "newest intact backup; 1 of the last 1; newest of day 2026-11-20 (1 of 2); newest of year 2026 (1 of 5)"),
            ],
            Decided(new RetentionPolicy { KeepLast = 1, KeepDaily = 2, KeepYearly = 5 }));
        Assert.Equal("older than 30 days, and no rule keeps it", Decided(new RetentionPolicy { KeepLast = 1, OlderThan = TimeSpan.FromDays(30) }, without: 0)[0].Reason);

        List<(RetentionDecision Decision, string Reason)> Decided(RetentionPolicy policy, int? without = null) =>
            [.. RetentionPlan.Decide(sets.Select((s, i) => i == without ? s with { PinnedUntil = null } : s), policy, Now).Select(v => (v.Decision, v.Reason))];
    }

    [Fact]
    public void A_backup_that_any_rule_retains_is_not_removed()
    {
        var sets = Every(TimeSpan.FromHours(6), 400);
        var policy = new RetentionPolicy { KeepLast = 3, KeepDaily = 7, KeepWeekly = 4, KeepMonthly = 3 };
        var stay = sets.Except(Removed(sets, policy)).ToList();
        var alone = new[] { new RetentionPolicy { KeepLast = 3 }, new RetentionPolicy { KeepDaily = 7 }, new RetentionPolicy { KeepWeekly = 4 }, new RetentionPolicy { KeepMonthly = 3 } };
        Assert.Equal(alone.SelectMany(p => sets.Except(Removed(sets, p))).Distinct().OrderBy(s => s.SnapshotTime), stay);
        Assert.InRange(stay.Count, 7, 17);
    }

    [Fact]
    public void OlderThan_alone_removes_by_age_and_further_limits_other_rules()
    {
        var sets = Every(TimeSpan.FromDays(1), 10);
        Assert.All(Removed(sets, new RetentionPolicy { OlderThan = TimeSpan.FromDays(5) }), s => Assert.True(s.SnapshotTime < Now - TimeSpan.FromDays(5)));
        Assert.Equal(5, Removed(sets, new RetentionPolicy { OlderThan = TimeSpan.FromDays(4.5) }).Count);
        Assert.Equal(5, Removed(sets, new RetentionPolicy { OlderThan = TimeSpan.FromDays(4.5), KeepLast = 2 }).Count);
        Assert.Equal(2, Removed(sets, new RetentionPolicy { OlderThan = TimeSpan.FromDays(4.5), KeepLast = 8 }).Count);
    }

    [Fact]
    [Hazard("H14")]
    public void The_last_intact_backup_is_never_removed_and_other_backups_are_neither_counted_nor_removed()
    {
        foreach (var policy in new[] { new RetentionPolicy { OlderThan = TimeSpan.Zero }, new RetentionPolicy { KeepLast = 1 }, new RetentionPolicy { KeepDaily = 2 } })
        {
            var whole = Sets("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
            var failed = Sets("2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z", "2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z")
                .Zip([BackupState.Damaged, BackupState.Incomplete, BackupState.Foreign, BackupState.Excerpt], (s, state) => s with { State = state });
            var removed = Removed([.. whole, .. failed], policy);
            Assert.DoesNotContain(whole[1], removed);
            Assert.All(removed, s => Assert.Equal(BackupState.Intact, s.State));
        }

        Assert.Empty(Removed(Sets("2020-01-01T00:00:00Z"), new RetentionPolicy { OlderThan = TimeSpan.Zero }));
    }

    [Fact]
    public void Retention_is_separate_for_each_database_and_environment_even_for_names_with_a_common_prefix()
    {
        PgBackup[] sets = [Set("2026-01-01T00:00:00Z", "app"), Set("2026-01-02T00:00:00Z", "app-test"), Set("2026-01-03T00:00:00Z", "app", "prod-eu"), Set("2026-01-04T00:00:00Z", "App"), Set("2026-01-05T00:00:00Z", "app")];
        Assert.Equal([sets[0]], Removed(sets, new RetentionPolicy { KeepLast = 1 }));
    }

    [Fact]
    public void Retention_is_separate_for_each_server_and_ambiguous_servers_count_as_different()
    {
        static PgBackup From(int day, BackupSource source) => Set($"2026-01-{day:d2}T00:00:00Z", "app") is var set ? set with { Manifest = set.Manifest with { Source = source } } : set;
        var source = ManifestFileTests.Manifest.Source;
        BackupSource[] servers =
        [
            source, source with { SystemIdentifier = "7" }, source with { SystemIdentifier = "77" }, source with { SystemIdentifier = "7", Port = 5433 }, source with { SystemIdentifier = "7", Host = "db2" },
            source with { SystemIdentifier = "7", Container = "db" }, source with { SystemIdentifier = "7", Container = "db-1" }, source with { SystemIdentifier = "7", Volume = "db" }, source with { Host = "db", Port = 54321 },
            source with { Host = "127.0.0.1", Machine = "production" }, source with { Host = "127.0.0.1", Machine = "staging" },
        ];
        Assert.Empty(Removed([.. servers.Select((s, i) => From(1 + i, s))], new RetentionPolicy { KeepLast = 1 }));
        Assert.Equal(servers.Length, Removed([.. servers.Concat(servers).Select((s, i) => From(1 + i, s))], new RetentionPolicy { KeepLast = 1 }).Count);

        // The way to a container is another folder each time.
        BackupSource[] tunnels = [source with { Container = "db", Host = "/tmp/a" }, source with { Container = "db", Host = "/tmp/b", Port = 1 }];
        Assert.Single(Removed([.. tunnels.Select((s, i) => From(1 + i, s))], new RetentionPolicy { KeepLast = 1 }));
    }

    [Fact]
    public void A_copy_of_a_manifest_with_another_name_does_not_count_as_a_second_backup()
    {
        PgBackup[] sets = [Sealed("2026-01-01T00:00:00Z", "a"), Sealed("2026-01-02T00:00:00Z", "b")];
        PgBackup[] aliases = [sets[1] with { Path = "/backups/latest.json" }, sets[1] with { Path = "/backups/copy.json" }];

        Assert.Empty(Removed([.. aliases, .. sets], new RetentionPolicy { KeepLast = 2 }));
        Assert.Equal([sets[0]], Removed([.. aliases, .. sets], new RetentionPolicy { KeepLast = 1 }));

        static PgBackup Sealed(string time, string seal) => Set(time, "app") is var set ? set with { Manifest = set.Manifest with { Seal = seal } } : set;
    }

    [Fact]
    public void A_pin_expires_at_its_time_and_the_age_limit_is_exclusive()
    {
        var sets = Every(TimeSpan.FromDays(1), 3);
        sets = [sets[0] with { PinnedUntil = Now }, sets[1] with { PinnedUntil = Now.AddTicks(1) }, sets[2]];
        Assert.Equal([sets[0]], Removed(sets, new RetentionPolicy { KeepLast = 1 }));
        var age = Now - sets[1].SnapshotTime;
        Assert.Equal([sets[0]], Removed(sets, new RetentionPolicy { OlderThan = age }));
        sets[1] = sets[1] with { PinnedUntil = null };
        Assert.Equal([sets[0]], Removed(sets, new RetentionPolicy { OlderThan = age }));
        Assert.Equal(sets[..2], Removed(sets, new RetentionPolicy { OlderThan = age - TimeSpan.FromTicks(1) }));
    }

    [Fact]
    public void Of_backups_with_the_same_time_the_last_by_name_is_retained_as_the_newest()
    {
        PgBackup[] sets = [.. new[] { "c", "a", "b" }.Select(name => Set("2026-11-01T00:00:00Z", "shop") with { Path = $"/b/{name}.json" })];
        Assert.Equal(["/b/a.json", "/b/b.json"], Removed(sets, new RetentionPolicy { KeepLast = 1 }).Select(s => s.Path));
    }

    [Fact]
    public void Any_policy_retains_the_newest_backup_of_each_series_and_a_later_run_never_retains_a_removed_backup()
    {
        var random = new Random(14);
        for (var round = 0; round < 300; round++)
        {
            var sets = Enumerable.Range(0, random.Next(1, 60)).Select(_ => Set(Now.AddMinutes(-random.Next(0, 500_000)).ToString("O", CultureInfo.InvariantCulture), random.Next(2) == 0 ? "a" : "ab")).DistinctBy(s => s.Path).ToList();
            var policy = new RetentionPolicy { KeepLast = random.Next(4), KeepHourly = random.Next(4), KeepYearly = random.Next(3), KeepDaily = random.Next(4), KeepWeekly = random.Next(4), KeepMonthly = random.Next(4), OlderThan = random.Next(2) == 0 ? null : TimeSpan.FromDays(random.Next(100)) };
            var removed = Removed(sets, policy);
            Assert.Equal(sets.Select(s => s.Database).Distinct().Order(), sets.Except(removed).Select(s => s.Database).Distinct().Order());
            Assert.All(sets.GroupBy(s => s.Database), g => Assert.DoesNotContain(g.MaxBy(s => s.SnapshotTime), removed));
            Assert.Empty(removed.Except(RetentionRemovals.Of(sets, policy, Now.AddDays(30))));
            // What stays is stable: the same rules again remove nothing more.
            Assert.Empty(Removed([.. sets.Except(removed)], policy));
        }
    }

    private static IReadOnlyList<PgBackup> Removed(IReadOnlyList<PgBackup> sets, RetentionPolicy policy) => RetentionRemovals.Of(sets, policy, Now);

    /// <summary>The last one an hour ago, the oldest first.</summary>
    private static PgBackup[] Every(TimeSpan step, int count) =>
        [.. Enumerable.Range(0, count).Reverse().Select(i => Set((Now.AddHours(-1) - (i * step)).ToString("O", CultureInfo.InvariantCulture), "shop"))];

    private static PgBackup[] Sets(params string[] times) => [.. times.Select(t => Set(t, "shop"))];

    private static IEnumerable<string> Times(IEnumerable<PgBackup> sets) => sets.Select(s => s.SnapshotTime.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);

    private static PgBackup Set(string time, string database, string environment = "prod") => new($"/b/{environment}_{database}_{time}.json", ManifestFileTests.Manifest with
    {
        Database = database,
        Environment = environment,
        SnapshotTime = At(time).ToUniversalTime(),
    });
}
