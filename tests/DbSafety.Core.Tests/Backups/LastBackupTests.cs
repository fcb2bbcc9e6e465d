using DbSafety.Audit;
using DbSafety.Backups.Last;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;

namespace DbSafety.Core.Tests.Backups;

public sealed class LastBackupTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan Day = TimeSpan.FromHours(26);

    [Fact]
    public void The_newest_intact_set_of_exactly_this_database_counts_in_any_environment()
    {
        var own = Set("own", 5, environment: "prod");
        var last = Find([Set("other", 1, database: "shop2"), own, Set("older", 6)]);
        Assert.Equal((own.Path, false, TimeSpan.FromHours(5)), (last.Path, last.IsStale, last.Age));
        Assert.Empty(last.Notes);
    }

    [Fact]
    public void A_set_that_is_too_old_and_a_database_without_a_set_are_stale()
    {
        Assert.True(Find([Set("a", 27)]).IsStale);
        Assert.Equal((true, null, null), (Find([]).IsStale, Find([]).Backup, Find([]).Age));
    }

    [Fact]
    public void Sets_that_are_damaged_or_partial_or_failed_their_last_test_do_not_count_and_are_listed()
    {
        var good = Set("good", 9);
        PgBackup[] sets = [Set("cut", 1) with { State = BackupState.Damaged }, Set("part", 2) with { State = BackupState.Excerpt }, Set("bad", 3), Set("repaired", 4), good];
        DbSafetyLogEntry[] log = [Test("bad", LogOutcome.Failed), Test("repaired", LogOutcome.Failed)];
        var last = Find(sets, log);
        Assert.Equal(good.Path, last.Path);
        Assert.Equal(["cut.json is newer and does not count: it is Damaged", "part.json is newer and does not count: it contains only a part of the database", "bad.json is newer and does not count: its last test failed", "repaired.json is newer and does not count: its last test failed"], last.Notes);
        Assert.Equal("/b/repaired.json", Find(sets, [Test("repaired", LogOutcome.Succeeded), .. log]).Path);
    }

    [Fact]
    public void A_time_in_the_future_is_stale()
    {
        var last = Find([Set("a", -1)]);
        Assert.True(last.IsStale);
        Assert.Null(last.Age);
        Assert.Contains("in the future", Assert.Single(last.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_with_a_time_in_the_future_does_not_hide_a_newer_backup()
    {
        var last = Find([Set("future", -900), Set("real", 1)]);
        Assert.Equal(("/b/real.json", false), (last.Path, last.IsStale));
        Assert.Equal("future.json is newer and does not count: its time is in the future", Assert.Single(last.Notes));
    }

    [Fact]
    public void The_last_test_is_that_of_the_copy_and_a_failed_drill_concerns_all_copies()
    {
        var own = Set("own", 1);
        var elsewhere = new[] { new LoggedSet("/off/own.json", "own") };
        var drill = new Dictionary<string, TimeSpan> { ["drill"] = TimeSpan.FromSeconds(6) };
        Assert.True(Find([own], [Test("own", LogOutcome.Succeeded) with { Sets = elsewhere }, Test("own", LogOutcome.Failed)]).IsStale);
        Assert.False(Find([own], [Test("own", LogOutcome.Failed) with { Sets = elsewhere }, Test("own", LogOutcome.Succeeded)]).IsStale);
        Assert.True(Find([own], [Test("own", LogOutcome.Failed) with { Sets = elsewhere }]).IsStale);
        Assert.True(Find([own], [Test("own", LogOutcome.Failed) with { Sets = [new LoggedSet(own.Path, null)] }, Test("own", LogOutcome.Succeeded)]).IsStale);
        Assert.True(Find([own], [Test("own", LogOutcome.Succeeded), Test("own", LogOutcome.Failed) with { Stages = drill, Sets = elsewhere }]).IsStale);
        Assert.False(Find([own], [Test("own", LogOutcome.Succeeded) with { Stages = drill }, Test("own", LogOutcome.Failed) with { Stages = drill }]).IsStale);
    }

    [Fact]
    public void A_set_of_a_database_that_was_replaced_does_not_count()
    {
        PgBackup Of(string seal, double hoursAgo, uint? oid) => Set(seal, hoursAgo) is var set ? set with { Manifest = set.Manifest with { Source = set.Manifest.Source with { DatabaseOid = oid } } } : set;
        PgBackup[] sets = [Of("replaced", 1, 5), Of("old", 2, null)];
        var last = new LastBackupSearch(GetLastBackups.SeriesOf(sets[0]), sets, []) { Oid = 6 }.Find(Day, Now);
        Assert.Equal("/b/old.json", last.Path);
        Assert.Equal("replaced.json is newer and does not count: the database was replaced after it", Assert.Single(last.Notes));
    }

    [Fact]
    public void Newer_files_without_a_manifest_are_listed()
    {
        var stub = Set("", 1) with { Path = "/b/stub.dump", State = BackupState.Incomplete };
        Assert.Equal("stub.dump is newer and does not count: it is Incomplete", Assert.Single(Find([stub with { Manifest = stub.Manifest with { Source = new BackupSource("", 0, "", "", 0, "") } }, Set("own", 2)]).Notes));
    }

    [Fact]
    public void A_newer_set_of_a_server_with_the_same_identifier_at_another_address_is_only_mentioned()
    {
        var copy = Set("copy", 1, host: "staging");
        var last = Find([copy, Set("own", 30)]);
        Assert.Equal(("/b/own.json", true), (last.Path, last.IsStale));
        Assert.Contains("copy.json is of a server with the same system identifier at another address", Assert.Single(last.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_drill_and_restore_are_those_of_any_set_of_the_database_also_of_removed_sets()
    {
        DbSafetyLogEntry[] log =
        [
            Entry("restore run", LogOutcome.Failed, "own") with { Time = Now },
            Entry("backup test", LogOutcome.Succeeded, "own") with { Time = Now },
            Entry("restore run", LogOutcome.Succeeded, "strange") with { Time = Now },
            Entry("restore run", LogOutcome.Succeeded, "gone") with { Time = Now.AddDays(-3), Duration = TimeSpan.FromMinutes(4) },
            Entry("backup test", LogOutcome.Succeeded, "gone") with { Time = Now.AddDays(-4), Stages = new Dictionary<string, TimeSpan> { ["drill"] = TimeSpan.FromMinutes(5) } },
            Entry("backup create", LogOutcome.Succeeded, "own"),
            Entry("backup create", LogOutcome.Succeeded, "gone"),
            Entry("backup create", LogOutcome.Succeeded, "strange") with { Server = "db9:5432" },
            Entry("restore run", LogOutcome.Succeeded, "initdb") with { Time = Now },
            Entry("backup create", LogOutcome.Succeeded, "initdb") with { SystemIdentifier = "8" },
        ];
        var last = Find([Set("own", 1)], log);
        Assert.Equal((Now.AddDays(-3), TimeSpan.FromMinutes(4)), (last.LastRestore, last.RestoreDuration));
        Assert.Equal((Now.AddDays(-4), TimeSpan.FromMinutes(5)), (last.LastDrill, last.DrillDuration));
    }

    private static PgLastBackup Find(IReadOnlyList<PgBackup> sets, IReadOnlyList<DbSafetyLogEntry>? log = null) =>
        new LastBackupSearch(GetLastBackups.SeriesOf(Set("any", 0)), LastTest.Mark(sets, log ?? []), log ?? []).Find(Day, Now);

    private static PgBackup Set(string seal, double hoursAgo, string database = "shop", string environment = "default", string host = "db1") => new($"/b/{seal}.json", ManifestFileTests.Manifest with
    {
        Database = database,
        Environment = environment,
        SnapshotTime = Now.AddHours(-hoursAgo),
        Source = new BackupSource(host, 5432, "app", "15.2", 15, "15.2") { SystemIdentifier = "7" },
        Seal = seal,
    });

    private static DbSafetyLogEntry Test(string seal, LogOutcome outcome) => Entry("backup test", outcome, seal);

    private static DbSafetyLogEntry Entry(string verb, LogOutcome outcome, string seal) => new()
    {
        Id = Guid.NewGuid(),
        Time = Now.AddDays(-9),
        Verb = verb,
        Operation = verb,
        Outcome = outcome,
        Database = "shop",
        Server = "db1:5432",
        SystemIdentifier = "7",
        User = "root",
        Machine = "m",
        ProcessId = 1,
        Version = "0",
        Sets = [new LoggedSet($"/b/{seal}.json", seal)],
    };
}
