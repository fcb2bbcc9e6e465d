using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Backups;

/// <summary>Sessions that are ended, a server that crashes, and the process itself gone at each step of a backup.</summary>
[Collection(PgServerGroup.Name)]
public sealed class BackupCutTests(PgServer pg)
{
    private static readonly string[] Steps =
    [
        "backup: snapshot exported", "backup: tables locked by pg_dump", "backup: tables locked", "backup: tables verified", "backup: definitions read", "backup: rows counted", "backup: dump complete",
        "backup: dump and counts complete",
    ];

    private static readonly string[] FileSteps = ["backup: manifest written", "backup: file renamed", "backup: files synced", "backup: manifest renamed", "backup: published"];

    /// <summary>Sessions, by a condition on pg_stat_activity: pg_dump's, all of ours, the one that exported the snapshot, the last that counts.</summary>
    public static TheoryData<string> Victims =>
    [
        "application_name LIKE 'dbsafety pg_dump%'",
        "application_name = 'dbsafety backup'",
        "pid = (SELECT pid FROM pg_stat_activity WHERE application_name = 'dbsafety backup' AND datname = current_database() ORDER BY backend_start LIMIT 1)",
        "pid = (SELECT pid FROM pg_stat_activity WHERE application_name = 'dbsafety backup' AND datname = current_database() ORDER BY backend_start OFFSET 1 LIMIT 1)",
        "pid = (SELECT pid FROM pg_stat_activity WHERE application_name = 'dbsafety backup' AND datname = current_database() ORDER BY backend_start DESC LIMIT 1)",
    ];

    public static TheoryData<string> AllFileSteps => [.. FileSteps];

    [Theory]
    [MemberData(nameof(Victims))]
    public async Task A_session_terminated_at_any_step_is_an_error_or_does_not_affect_the_backup(string victim)
    {
        var target = await pg.CreateDatabaseAsync("cut", SampleSql.Shop);
        using var folder = new TempFolder();
        var older = await BackUpAsync(target, folder);
        var names = folder.Names.ToList();
        foreach (var step in Steps)
        {
            using var at = StepListener.At(step, () => PgServer.ExecuteAsync(target, $"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND {victim}"));
            await CutAsync(step, target, folder, names);
        }

        Assert.True((await BackupTests.Test(older.Path)).Passed);
    }

    [Fact]
    public async Task A_server_crash_at_any_step_is_an_error()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        var target = server.Target;
        await PgServer.ExecuteAsync(target, SampleSql.Shop);
        using var folder = new TempFolder();
        var older = await BackUpAsync(target, folder);
        var names = folder.Names.ToList();
        foreach (var step in Steps)
        {
            using (StepListener.At(step, () => server.StopImmediatelyAsync(CancellationToken.None)))
                await CutAsync(step, target, folder, names);
            await server.StartAgainAsync(CancellationToken.None);
        }

        Assert.True((await BackupTests.Test(older.Path)).Passed);
    }

    [Theory]
    [MemberData(nameof(AllFileSteps))]
    public async Task An_error_at_any_publishing_step_leaves_no_file(string step)
    {
        var target = await pg.CreateDatabaseAsync("failed", SampleSql.Shop);
        using var folder = new TempFolder();
        using var at = StepListener.At(step, () => throw new IOException("the disk has failed"));

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => BackUpAsync(target, folder));

        Assert.Equal("DBS201", error.Code);
        Assert.Empty(folder.Names);
    }

    /// <summary>What a kill -9 or a power cut leaves is what the folder holds at that moment.</summary>
    [Theory]
    [InlineData(BackupFormat.Custom)]
    [InlineData(BackupFormat.Plain)]
    [InlineData(BackupFormat.Directory)]
    public async Task A_kill_at_any_step_leaves_a_complete_backup_or_none_and_the_next_backup_cleans_up(BackupFormat format)
    {
        var target = await pg.CreateDatabaseAsync("shot", SampleSql.Shop);
        using var folder = new TempFolder();
        using var images = new TempFolder();
        var count = 0;
        using (StepListener.AtEach((point, _) => Task.Run(() => Copy(folder.Path, Path.Combine(images.Path, $"{Interlocked.Increment(ref count):d2} {point.Replace(':', ' ')}")))))
            await BackUpAsync(target, folder, format);

        Assert.True(Directory.GetDirectories(images.Path).Length >= Steps.Length + FileSteps.Length);
        foreach (var image in Directory.GetDirectories(images.Path))
        {
            var whole = (await ListAsync(image)).Where(s => s.State is not BackupState.Incomplete).ToList();
            Assert.Equal(image.EndsWith("manifest renamed", StringComparison.Ordinal) || image.EndsWith("published", StringComparison.Ordinal), whole.Count > 0);
            Assert.All(whole, s => Assert.Equal(BackupState.Intact, s.State));
            foreach (var set in whole)
                Assert.True((await BackupTests.Test(set.Path)).Passed);
            using (var draft = SetDraft.Begin(image, "other", "other", DateTimeOffset.UtcNow, new RecordedEvents()))
                Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(image), p => p.EndsWith(".partial", StringComparison.Ordinal) && !p.Contains("backup_other", StringComparison.Ordinal));
            Assert.Equal(whole.Count * 3, Directory.EnumerateFileSystemEntries(image).Count());
        }
    }

    private static async Task CutAsync(string step, DatabaseTarget target, TempFolder folder, List<string> names)
    {
        try
        {
            var backup = await BackUpAsync(target, folder);
            Assert.True((await BackupTests.Test(backup.Path)).Passed, step);
            foreach (var file in folder.Names.Except(names).ToList())
                File.Delete(Path.Combine(folder.Path, file));
        }
        catch (DbSafetyException e)
        {
            Assert.True(e.Code is "DBS101" or "DBS104" or "DBS113", $"{step}: {e.Code} {e.Message}");
        }

        Assert.Equal(names, folder.Names);
    }

    private static async Task<PgBackup> BackUpAsync(DatabaseTarget target, TempFolder folder, BackupFormat format = BackupFormat.Custom)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        return await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format, Jobs = 2 }, new RecordedEvents(), limit.Token);
    }

    private static Task<IReadOnlyList<PgBackup>> ListAsync(string folder) => new ListBackups().RunAsync(new BackupListRequest(folder), new RecordedEvents(), CancellationToken.None);

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            // The marker is locked, and empty.
            if (file.EndsWith("Z.partial", StringComparison.Ordinal))
                File.Create(Path.Combine(to, Path.GetFileName(file))).Dispose();
            else
                CopyOpen(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (var folder in Directory.GetDirectories(from))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }

    private static void CopyOpen(string from, string to)
    {
        try
        {
            using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = File.Create(to);
            source.CopyTo(copy);
        }
        catch (FileNotFoundException)
        {
            // It was renamed or removed in between.
        }
    }
}
