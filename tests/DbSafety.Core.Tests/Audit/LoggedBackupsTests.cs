using DbSafety.Audit;
using DbSafety.Backups;
using DbSafety.Backups.Last;
using DbSafety.Backups.Retention;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Core.Tests.Backups;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Core.Tests.Audit;

/// <summary>What the log and the folders together show about backups. The sets have the right sizes, and no contents.</summary>
[Collection(nameof(AuditLogTests))]
public sealed class LoggedBackupsTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-sets-").FullName;
    private readonly string? before = Environment.GetEnvironmentVariable(LogFolder.Variable);
    private readonly List<string> warnings = [];

    public LoggedBackupsTests() => Environment.SetEnvironmentVariable(LogFolder.Variable, Path.Combine(root, "log"));

    private string Sets => Path.Combine(root, "sets");

    private string Copy => Path.Combine(root, "copy");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(LogFolder.Variable, before);
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task Retention_does_not_count_a_set_that_failed_its_last_test()
    {
        var (older, newer) = (Write(Sets, "shop", 2), Write(Sets, "shop", 1));
        await LogAsync("backup test", newer, LogOutcome.Failed);
        var plan = await new PlanRetention().RunAsync(new RetentionRequest(Sets, new RetentionPolicy { KeepLast = 1 }), new Listener(warnings), TestContext.Current.CancellationToken);
        Assert.Equal([(older.Path, RetentionDecision.Keep, "newest intact backup; 1 of the last 1"), (newer.Path, RetentionDecision.Ignore, "its last test failed")], plan.Select(s => (s.Path, s.Decision!.Value, s.Reason!)));
    }

    [Fact]
    public async Task A_script_of_later_rows_next_to_a_set_keeps_it_and_a_label_that_no_set_has_is_reported()
    {
        var (older, _) = (Write(Sets, "shop", 2), Write(Sets, "shop", 1));
        await File.WriteAllTextAsync(Path.ChangeExtension(older.Path, ".since.sql"), "-- rows", TestContext.Current.CancellationToken);
        var plan = await new PlanRetention().RunAsync(new RetentionRequest(Sets, new RetentionPolicy { KeepLast = 1, KeepLabels = ["releas"] }), new Listener(warnings), TestContext.Current.CancellationToken);
        Assert.All(plan, s => Assert.Equal(RetentionDecision.Keep, s.Decision));
        Assert.Contains("has the label releas", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backups_that_are_gone_are_stale_and_an_empty_folder_is_an_error()
    {
        Write(Sets, "shop", 1);
        var other = Write(Copy, "other", 1);
        await LogAsync("backup create", Assert.Single(Directory.GetFiles(Sets, "*.json").Select(SetFiles.Find)), LogOutcome.Succeeded);
        await LogAsync("backup create", other, LogOutcome.Succeeded);
        Assert.Equal([("other", false), ("shop", false)], (await LastAsync()).Select(b => (b.Database, b.IsStale)));

        Directory.Delete(Copy, recursive: true);
        Assert.Equal([("other", true), ("shop", false)], (await LastAsync()).Select(b => (b.Database, b.IsStale)).Order());
        Assert.Equal($"{Copy}, where backups were created, does not exist", Assert.Single(warnings));

        Directory.CreateDirectory(Copy);
        Assert.Equal([("other", true), ("shop", false)], (await LastAsync()).Select(b => (b.Database, b.IsStale)).Order());
        Assert.Equal("DBS234", (await Assert.ThrowsAsync<DbSafetyException>(() => LastAsync(Copy))).Code);
        Assert.Equal($"{Copy} contains no backups", warnings[^1]);
    }

    [Fact]
    public async Task A_database_whose_backups_are_all_damaged_is_stale()
    {
        var set = Write(Sets, "shop", 1);
        await File.WriteAllTextAsync(set.Payload, "", TestContext.Current.CancellationToken);
        var last = Assert.Single(await LastAsync(Sets));
        Assert.Equal(("shop", true), (last.Database, last.IsStale));
    }

    [Fact]
    public async Task Of_two_copies_the_intact_one_counts_in_any_order_of_the_folders()
    {
        var (set, copy) = (Write(Sets, "shop", 1), Write(Copy, "shop", 1));
        Assert.Equal(set.Manifest.Seal, copy.Manifest.Seal);
        await File.WriteAllTextAsync(set.Payload, "", TestContext.Current.CancellationToken);
        Assert.Equal([copy.Path, copy.Path], [Assert.Single(await LastAsync(Sets, Copy)).Path, Assert.Single(await LastAsync(Copy, Sets)).Path]);
    }

    [Fact]
    public async Task Pipes_with_the_names_of_sets_and_pins_are_not_opened()
    {
        var set = Write(Sets, "shop", 1);
        using (var pipe = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(Sets, "backup_default_shop_20260101T000000Z.json"), Path.ChangeExtension(set.Path, ".pin")]))
            await pipe.WaitForExitAsync(TestContext.Current.CancellationToken);
        var list = Task.Run(() => new ListBackups().RunAsync(new BackupListRequest(Sets), OperationEvents.None, TestContext.Current.CancellationToken));
        var found = await list.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal([BackupState.Intact, BackupState.Damaged], found.Select(s => s.State));
        Assert.Equal(DateTimeOffset.MaxValue, found[0].PinnedUntil);
    }

    [Fact]
    public void A_folder_with_the_name_of_a_pin_keeps_the_set()
    {
        var set = Write(Sets, "shop", 1);
        Directory.CreateDirectory(Path.ChangeExtension(set.Path, ".pin"));
        Assert.Equal(DateTimeOffset.MaxValue, SetFiles.Find(set.Path).PinnedUntil);
    }

    private static PgBackup Write(string folder, string database, int hoursAgo)
    {
        Directory.CreateDirectory(folder);
        var time = new DateTimeOffset(DateTimeOffset.UtcNow.UtcDateTime.Date, TimeSpan.Zero).AddHours(DateTimeOffset.UtcNow.Hour - hoursAgo);
        var name = $"backup_default_{database}_{time:yyyyMMdd'T'HHmmss'Z'}";
        var path = Path.Combine(folder, name + ".json");
        File.WriteAllText(Path.Combine(folder, name + ".dump"), "12345");
        File.WriteAllText(path, ManifestFile.Write(ManifestFileTests.Manifest with { Database = database, Environment = "default", SnapshotTime = time, Files = [new BackupFile(name + ".dump", 5, new string('a', 64))] }));
        return SetFiles.Find(path);
    }

    private static Task<int> LogAsync(string verb, PgBackup set, LogOutcome outcome) => AuditLog.RecordAsync(
        new LogSubject(verb) { Database = set.Database, Server = "db1:5432" }, OperationEvents.None, _ => Task.FromResult(1), _ => new LogResult { Outcome = outcome, Sets = [set.Logged] });

    private Task<IReadOnlyList<PgLastBackup>> LastAsync(params string[] folders) =>
        new GetLastBackups().RunAsync(new LastBackupRequest { Folders = folders }, new Listener(warnings), TestContext.Current.CancellationToken);

    private sealed class Listener(List<string> warnings) : IOperationEvents
    {
        public void Raise(OperationEvent operationEvent)
        {
            if (operationEvent is MessageEvent { Level: MessageLevel.Warning } message)
                warnings.Add(message.Text);
        }
    }
}
