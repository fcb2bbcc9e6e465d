using DbSafety.Backups;
using DbSafety.Backups.Retention;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Backups;

/// <summary>Whose sets retention counts together, and what other runs do while it removes.</summary>
[Collection(PgServerGroup.Name)]
public sealed class RetentionSeriesTests(PgServer pg)
{
    private const string Proven = "retention: newer set proven", Decided = "retention: removal decided";

    private static readonly RetentionPolicy KeepOne = new() { KeepLast = 1 };

    [Fact]
    [Hazard("H14")]
    public async Task The_same_database_name_on_two_servers_forms_two_series()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        var (one, two) = (pg.Target, server.Target.On("postgres"));
        using var folder = new TempFolder();
        var only = await BackUpAsync(two, folder);
        var older = await BackUpAsync(one, folder);
        var newest = await BackUpAsync(one, folder);

        var removed = await RetainAsync(folder);

        Assert.Equal([older.Path], removed.Select(s => s.Path));
        Assert.True(File.Exists(only.Path) && File.Exists(newest.Path));
        Assert.Equal(await PgServer.ScalarAsync<string>(one, "SELECT system_identifier::text FROM pg_control_system()"), newest.SystemIdentifier);
        Assert.NotEqual(only.SystemIdentifier, newest.SystemIdentifier);
    }

    [Fact]
    public async Task A_role_without_privileges_can_read_the_system_identifier()
    {
        var target = await pg.CreateDatabaseAsync("public", "CREATE TABLE t (id int); GRANT SELECT ON t TO PUBLIC");
        var role = "nobody_" + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(target, $"CREATE ROLE {role} LOGIN");
        using var folder = new TempFolder();
        Assert.NotNull((await BackUpAsync(target with { Username = role }, folder)).SystemIdentifier);
    }

    [Fact]
    public async Task A_newer_backup_damaged_between_plan_and_removal_prevents_the_removal_of_the_older_backup()
    {
        using var folder = new TempFolder();
        var (older, newest) = (await BackUpAsync(pg.Target, folder), await BackUpAsync(pg.Target, folder));
        var plan = await PlanAsync(folder);
        Assert.Equal([older.Path], plan.Select(s => s.Path));
        await DamageAsync(newest);

        var events = new RecordedEvents();
        var left = Assert.Single(await new RemoveBackups { Retention = Request(folder) }.RunAsync(plan, events, CancellationToken.None));

        Assert.Equal((RetentionDecision.Keep, "no newer backup of the same server, environment and database is intact"), (left.Decision, left.Reason));
        Assert.Contains("is damaged and is not counted", events.Text, StringComparison.Ordinal);
        Assert.True((await BackupTests.Test(older.Path)).Passed);
    }

    [Fact]
    public async Task A_newer_backup_damaged_or_removed_just_before_a_removal_prevents_the_removal_of_the_older_backup()
    {
        foreach (var damage in new Func<PgBackup, Task>[] { DamageAsync, s => Task.Run(() => File.Delete(s.Path)), s => Task.Run(() => File.Delete(s.Payload)) })
        {
            using var folder = new TempFolder();
            var (older, newest) = (await BackUpAsync(pg.Target, folder), await BackUpAsync(pg.Target, folder));
            using var at = StepListener.At(Proven, () => damage(newest));

            Assert.Empty(await RetainAsync(folder));

            Assert.True(at.Reached(Proven));
            Assert.True((await BackupTests.Test(older.Path)).Passed);
        }
    }

    [Fact]
    public async Task Concurrent_removals_leave_the_newest_intact_backup()
    {
        using var folder = new TempFolder();
        var sets = new List<PgBackup>();
        for (var i = 0; i < 4; i++)
            sets.Add(await BackUpAsync(pg.Target, folder));
        // The other run finds the newest damaged and keeps the one before; this one has proven the newest before it was damaged.
        IReadOnlyList<PgBackup> others = [];
        using (StepListener.At(Proven, async () =>
        {
            await DamageAsync(sets[3]);
            others = await RetainAsync(folder);
        }))
            await RetainAsync(folder);

        Assert.Equal(sets.Take(2).Select(s => s.Path), others.Select(s => s.Path));
        Assert.True((await BackupTests.Test(sets[2].Path)).Passed);
        Assert.Equal(6, folder.Names.Count());
    }

    [Fact]
    public async Task A_backup_that_finishes_during_a_removal_remains_intact_and_does_not_affect_the_removal()
    {
        using var folder = new TempFolder();
        var (older, newest) = (await BackUpAsync(pg.Target, folder), await BackUpAsync(pg.Target, folder));
        PgBackup? added = null;
        using (StepListener.At(Proven, async () => added = await BackUpAsync(pg.Target, folder)))
            Assert.Equal([older.Path], (await RetainAsync(folder)).Select(s => s.Path));

        Assert.True((await BackupTests.Test(newest.Path)).Passed);
        Assert.True((await BackupTests.Test(added!.Path)).Passed);
        Assert.Equal(6, folder.Names.Count());
    }

    [Fact]
    public async Task A_backup_that_a_restore_reads_is_not_removed()
    {
        using var folder = new TempFolder();
        var (older, _) = (await BackUpAsync(pg.Target, folder), await BackUpAsync(pg.Target, folder));
        var plan = await PlanAsync(folder);
        using (SetHold.Read(older))
            Assert.Equal("could not be removed", Assert.Single(await new RemoveBackups().RunAsync(plan, new RecordedEvents(), CancellationToken.None)).Reason);
        Assert.True((await BackupTests.Test(older.Path)).Passed);

        Assert.Single(Removals(await new RemoveBackups().RunAsync(plan, new RecordedEvents(), CancellationToken.None)));
        Assert.False(File.Exists(older.Path));
    }

    [Theory]
    [InlineData(BackupFormat.Custom)]
    [InlineData(BackupFormat.Directory)]
    public async Task A_kill_at_any_step_of_a_removal_leaves_a_complete_backup_or_none(BackupFormat format)
    {
        using var folder = new TempFolder();
        using var images = new TempFolder();
        var older = await BackUpAsync(pg.Target, folder, format);
        var newest = await BackUpAsync(pg.Target, folder, format);
        var count = 0;
        using (StepListener.AtEach((point, _) => Task.Run(() => point.StartsWith("retention", StringComparison.Ordinal) ? Cp(folder.Path, Path.Combine(images.Path, $"{count++:d2}")) : Task.CompletedTask)))
            Assert.Single(await RetainAsync(folder));

        Assert.True(count >= 6);
        foreach (var image in Directory.GetDirectories(images.Path))
        {
            var sets = await new ListBackups().RunAsync(new BackupListRequest(image), new RecordedEvents(), CancellationToken.None);
            Assert.DoesNotContain(sets, s => s.State is not (BackupState.Intact or BackupState.Incomplete));
            foreach (var set in sets.Where(s => s.State == BackupState.Intact))
                Assert.True((await BackupTests.Test(set.Path)).Passed);
            Assert.Contains(sets, s => s.State == BackupState.Intact && Path.GetFileName(s.Path) == Path.GetFileName(newest.Path));
            using (SetDraft.Begin(image, "other", "other", DateTimeOffset.UtcNow, new RecordedEvents()))
            {
                // What the removal left is cleared by the next backup.
            }

            Assert.Equal(3 * sets.Count(s => s.State == BackupState.Intact), Directory.EnumerateFileSystemEntries(image).Count());
        }

        Assert.False(File.Exists(older.Path));
    }

    [Fact]
    public async Task Concurrent_backups_do_not_remove_the_files_of_each_other()
    {
        using var folder = new TempFolder();
        var events = new RecordedEvents();
        var drafts = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(() => SetDraft.Begin(folder.Path, "prod", "db" + (i % 3), DateTimeOffset.UtcNow, events))));

        Assert.Equal(24, drafts.Select(d => d.Name).Distinct().Count());
        Assert.DoesNotContain("removed the incomplete backup", events.Text, StringComparison.Ordinal);
        Assert.Equal(24, folder.Names.Count());
        Array.ForEach(drafts, d => d.Dispose());
        Assert.Empty(folder.Names);
    }

    private static RetentionRequest Request(TempFolder folder) => new(folder.Path, KeepOne);

    private static async Task<IReadOnlyList<PgBackup>> PlanAsync(TempFolder folder) => Removals(await new PlanRetention().RunAsync(Request(folder), new RecordedEvents(), CancellationToken.None));

    private static async Task<IReadOnlyList<PgBackup>> RetainAsync(TempFolder folder) =>
        Removals(await new RemoveBackups { Retention = Request(folder) }.RunAsync(await PlanAsync(folder), new RecordedEvents(), CancellationToken.None));

    private static IReadOnlyList<PgBackup> Removals(IEnumerable<PgBackup> sets) => [.. sets.Where(s => s.Decision == RetentionDecision.Remove)];

    private static async Task DamageAsync(PgBackup set)
    {
        var payload = await File.ReadAllBytesAsync(set.Payload);
        payload[payload.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(set.Payload, payload);
    }

    private static async Task Cp(string from, string to) =>
        (await ToolProcess.RunAsync(new ToolCommand("cp", "-r", from, to), CancellationToken.None)).OrThrow();

    private static Task<PgBackup> BackUpAsync(DatabaseTarget target, TempFolder folder, BackupFormat format = BackupFormat.Custom) =>
        new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None);
}
