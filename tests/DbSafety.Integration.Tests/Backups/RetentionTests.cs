using System.Text.Json;
using DbSafety.Audit;
using DbSafety.Backups;
using DbSafety.Backups.Retention;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;

namespace DbSafety.Integration.Tests.Backups;

[Collection(PgServerGroup.Name)]
public sealed class RetentionTests(PgServer pg)
{
    [Fact]
    [Hazard("H14")]
    public async Task Retention_verifies_the_retained_backup_and_never_removes_a_backup_of_another_database()
    {
        var app = await pg.CreateDatabaseAsync("app", SampleSql.Shop);
        var test = await pg.CreateDatabaseAsync(app.Database + "-test", SampleSql.Shop);
        using var folder = new TempFolder();
        var sets = new List<PgBackup>();
        for (var i = 0; i < 4; i++)
            sets.Add(await Backup(app, folder, i % 2 == 0 ? BackupFormat.Directory : BackupFormat.Custom));
        var neighbour = await Backup(test, folder);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, app.Database + ".sql"), "-- by hand");
        // The newest looks whole and is not: one byte of it is another one.
        var payload = await File.ReadAllBytesAsync(sets[3].Payload);
        payload[payload.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(sets[3].Payload, payload);

        var plan = await Dbsafety.RunAsync("backup", "remove", folder.Path, "--keep-last", "1", "--what-if", "--json");
        Assert.All(sets, s => Assert.True(File.Exists(s.Path)));
        var done = await Dbsafety.RunAsync("backup", "remove", folder.Path, "--keep-last", "1", "--json");

        Assert.Equal((0, 0), (plan.ExitCode, done.ExitCode));
        Assert.Equal(plan.Output, done.Output);
        Assert.Equal(sets.Take(2).Select(s => s.Path), JsonDocument.Parse(done.Output).RootElement.EnumerateArray().Select(e => e.GetProperty("Path").GetString()));
        Assert.Contains("is damaged and is not counted", done.Error, StringComparison.Ordinal);
        Assert.True((await BackupTests.Test(sets[2].Path)).Passed);
        Assert.True((await BackupTests.Test(neighbour.Path)).Passed);
        Assert.True(File.Exists(sets[3].Path));
        // Three sets of three entries each (payload, globals, manifest), the dump made by hand, and nothing else.
        Assert.Equal(10, folder.Names.Count());
    }

    [Fact]
    public async Task A_removal_without_criteria_removes_nothing_and_a_plain_number_is_not_a_valid_age()
    {
        var app = await pg.CreateDatabaseAsync("app", SampleSql.Shop);
        using var folder = new TempFolder();
        await Backup(app, folder);

        var nothing = await Dbsafety.RunAsync("backup", "remove", folder.Path);
        var number = await Dbsafety.RunAsync("backup", "remove", folder.Path, "--older-than", "30");
        var hours = await Dbsafety.RunAsync("backup", "remove", folder.Path, "--older-than", "26:00:00");
        var negative = await Dbsafety.RunAsync("backup", "remove", folder.Path, "--keep-last", "-1");

        Assert.Equal((2, 2, 2, 2), (nothing.ExitCode, number.ExitCode, negative.ExitCode, hours.ExitCode));
        Assert.Contains("such as 1.02:00:00 for 26h", hours.Error, StringComparison.Ordinal);
        Assert.Contains("DBS222", nothing.Error, StringComparison.Ordinal);
        Assert.Equal(3, folder.Names.Count());
    }

    [Fact]
    public async Task All_lists_the_reason_for_every_backup_and_labels_and_the_size_limit_are_applied()
    {
        var app = await pg.CreateDatabaseAsync("app", SampleSql.Shop);
        using var folder = new TempFolder();
        var sets = new List<PgBackup>();
        foreach (var label in new[] { "release", "nightly", "nightly" })
            sets.Add(await new BackupDatabase().RunAsync(new BackupRequest(app, folder.Path) { Labels = [label] }, new RecordedEvents(), CancellationToken.None));

        var plan = await Dbsafety.RunAsync("backup", "remove", folder.Path, "--keep-yearly", "1", "--keep-label", "release", "--all", "--what-if");
        string[] lines = plan.Output.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.True(lines[0].StartsWith("kept  ", StringComparison.Ordinal) && lines[0].EndsWith(": label release", StringComparison.Ordinal), lines[0]);
        Assert.True(lines[1].StartsWith("would remove  ", StringComparison.Ordinal) && lines[1].EndsWith(": no rule keeps it", StringComparison.Ordinal), lines[1]);
        Assert.Contains(": newest intact backup; newest of year ", lines[2], StringComparison.Ordinal);

        var small = await Dbsafety.RunAsync("backup", "remove", folder.Path, "--max-size", "50");
        Assert.Equal(2, small.ExitCode);
        Assert.Contains("not a size of at least 1 MB", small.Error, StringComparison.Ordinal);
        Assert.Empty((await Dbsafety.RunAsync("backup", "remove", folder.Path, "--max-size", "1.5GB")).Output);

        await Dbsafety.RunAsync("backup", "remove", folder.Path, "--keep-last", "1", "--keep-label", "RELEASE");
        Assert.Equal([true, false, true], sets.Select(s => File.Exists(s.Path)));
    }

    [Fact]
    public async Task Files_left_by_a_killed_removal_are_not_a_backup_and_the_next_backup_removes_them()
    {
        var app = await pg.CreateDatabaseAsync("app", SampleSql.Shop);
        using var folder = new TempFolder();
        var set = await Backup(app, folder);
        // As it is between the manifest's removal and the payload's.
        await File.WriteAllTextAsync(set.Path[..^".json".Length] + ".partial", "");
        File.Delete(set.Path);

        var events = new RecordedEvents();
        var next = await new BackupDatabase().RunAsync(new BackupRequest(app, folder.Path), events, CancellationToken.None);

        Assert.All(folder.Names, n => Assert.StartsWith(Path.GetFileNameWithoutExtension(next.Path), n, StringComparison.Ordinal));
        Assert.Contains("removed the incomplete backup", events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removal_that_fails_partway_reports_the_removed_and_the_remaining_files()
    {
        var app = await pg.CreateDatabaseAsync("app", SampleSql.Shop);
        using var folder = new TempFolder();
        var (old, _) = (await Backup(app, folder), await Backup(app, folder));
        // It cannot be deleted as a file.
        File.Delete(old.Payload);
        Directory.CreateDirectory(Path.Combine(old.Payload, "x"));
        var events = new RecordedEvents();

        Assert.False(SetRemoval.Remove(old, events));

        Assert.False(File.Exists(old.Path));
        Assert.Contains($"is no longer a backup: its manifest was removed, but not {Path.GetFileName(old.Payload)}", events.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("could not be removed", events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_removal_names_and_records_the_backups_that_it_has_removed()
    {
        var app = await pg.CreateDatabaseAsync("app", SampleSql.Shop);
        using var folder = new TempFolder();
        var sets = new List<PgBackup>();
        for (var i = 0; i < 3; i++)
            sets.Add(await Backup(app, folder));
        var request = new RetentionRequest(folder.Path, new RetentionPolicy { KeepLast = 1 });
        var events = new RecordedEvents();
        using var stop = new CancellationTokenSource();
        using (StepListener.At("retention: set removed", stop.Cancel))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await new RemoveBackups { Retention = request }.RunAsync(await new PlanRetention().RunAsync(request, events, stop.Token), events, stop.Token));

        Assert.Equal([false, true, true], sets.Select(s => File.Exists(s.Path)));
        Assert.Contains($"1 backup was removed before: {Path.GetFileNameWithoutExtension(sets[0].Path)}", events.Text, StringComparison.Ordinal);
        var log = await new ReadLog().RunAsync(new LogRequest(), new RecordedEvents(), CancellationToken.None);
        var removal = Assert.Single(log, e => e.Verb == "backup remove" && e.Database == app.Database);
        Assert.Equal((LogOutcome.Succeeded, sets[0].Path), (removal.Outcome, Assert.Single(removal.Sets).Path));
    }

    [Fact]
    public async Task A_script_of_later_rows_that_appears_after_the_decision_keeps_its_backup()
    {
        var app = await pg.CreateDatabaseAsync("app", SampleSql.Shop);
        using var folder = new TempFolder();
        var (old, _) = (await Backup(app, folder), await Backup(app, folder));
        var request = new RetentionRequest(folder.Path, new RetentionPolicy { KeepLast = 1 });
        var plan = await new PlanRetention().RunAsync(request, new RecordedEvents(), CancellationToken.None);
        Assert.Equal(RetentionDecision.Remove, plan[0].Decision);
        await File.WriteAllTextAsync(SetFiles.RowsSince(old.Path), "-- rows");
        Assert.Equal(RetentionDecision.Keep, (await new RemoveBackups { Retention = request }.RunAsync(plan, new RecordedEvents(), CancellationToken.None))[0].Decision);
        Assert.True((await BackupTests.Test(old.Path)).Passed);
    }

    private static Task<PgBackup> Backup(DatabaseTarget target, TempFolder folder, BackupFormat format = BackupFormat.Custom) =>
        new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None);
}
