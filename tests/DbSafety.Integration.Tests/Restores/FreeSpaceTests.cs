using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Space;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Restores;

[Collection(RestoreServerGroup.Name)]
public sealed class FreeSpaceTests(PgServer pg)
{
    /// <summary>About 60 MB on the server and 20 MB in a dump.</summary>
    private const string Wide = "CREATE TABLE wide AS SELECT i, (SELECT string_agg(md5((i * j)::text), '') FROM generate_series(1, 20) j) AS t FROM generate_series(1, 70000) i";

    [RootFact]
    [Hazard("H6")]
    public async Task Insufficient_disk_space_for_a_backup_is_reported_before_it_starts()
    {
        var target = await pg.CreateDatabaseAsync("large", Wide);
        using var folder = new TempFolder();
        await Sh("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder.Path);
        try
        {
            var result = await Dbsafety.RunAsync("backup", "create", "--database-url", target.ToString(), "--destination", folder.Path);

            Assert.Equal(3, result.ExitCode);
            Assert.Contains("error DBS117", result.Error, StringComparison.Ordinal);
            Assert.Empty(folder.Names);
        }
        finally
        {
            await Sh("umount", "--lazy", folder.Path);
        }
    }

    [Fact]
    [Hazard("H6")]
    public async Task The_previous_set_is_used_to_estimate_the_size_of_the_next_backup()
    {
        var target = await pg.CreateDatabaseAsync("grown", Wide);
        using var folder = new TempFolder();
        await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(target, "INSERT INTO wide SELECT * FROM wide");
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var taken = new DirectoryInfo(folder.Path).EnumerateFiles().Sum(f => f.Length);

        var judged = await BackupSpace.JudgeAsync(connection, new BackupRequest(target, folder.Path), CancellationToken.None);

        Assert.InRange(judged!.Likely, taken * 1.7, taken * 2.3);
        Assert.Equal(judged.Likely / 2, judged.Least);
        Assert.Null(await BackupSpace.JudgeAsync(connection, new BackupRequest(target, folder.Path) { Selection = new BackupSelection { SchemaOnly = true } }, CancellationToken.None));
    }

    [RootFact]
    [Hazard("H6")]
    public async Task Insufficient_or_low_disk_space_on_the_server_is_reported_before_a_restore_creates_anything()
    {
        using var folder = new TempFolder();
        var large = await BackupAsync(await pg.CreateDatabaseAsync("large", Wide + "; INSERT INTO wide SELECT * FROM wide"), folder);
        var close = await BackupAsync(await pg.CreateDatabaseAsync("close", Wide), folder);
        var small = await BackupAsync(await pg.CreateDatabaseAsync("small", SampleSql.Shop), folder);
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        await MoveToTmpfsAsync(server, "85m");
        try
        {
            var target = server.Target.On("restored");

            var refused = await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(large, target, new RecordedEvents()));
            Assert.Equal(("DBS117", 3), (refused.Code, refused.ExitCode));
            Assert.Equal(0, await PgServer.ScalarAsync<long>(server.Target, "SELECT count(*) FROM pg_database WHERE datname LIKE 'restored%'"));
            Assert.StartsWith("Warning: the restore of restored requires about", (await TriedAsync(close, target)).Text, StringComparison.Ordinal);
            Assert.DoesNotContain("Warning", (await TriedAsync(small, target)).Text, StringComparison.Ordinal);
            Assert.True((await RestoreAsync(small, target, new RecordedEvents())).Verified);
        }
        finally
        {
            await server.StopImmediatelyAsync(CancellationToken.None);
            // A process of the server that is still ending keeps the file system busy.
            await Sh("umount", "--lazy", server.DataFolder);
        }
    }

    [Fact]
    [Hazard("H6")]
    public async Task Free_space_that_cannot_be_read_is_reported_as_unknown()
    {
        var role = "nosee" + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role} LOGIN CREATEDB");
        using var folder = new TempFolder();
        var source = await pg.CreateDatabaseAsync("unseen", SampleSql.Shop);
        var backup = await BackupAsync(source, folder);
        var events = new RecordedEvents();

        await new RestoreDatabase().RunAsync(
            new RestoreRequest(backup.Path, source.On(source.Database + "_u") with { Username = role }) { Options = new RestoreOptions { NoOwner = true } }, events, CancellationToken.None);

        Assert.Contains($"is unknown: {role} cannot read data_directory", events.Text, StringComparison.Ordinal);
        await using var connection = await source.OpenAsync(CancellationToken.None);
        var other = await DiskSpace.OfServerAsync(connection, source with { Host = "127.0.0.1" }, CancellationToken.None);
        Assert.True(other.Free > 0, "the server's own file in its folder says that it is here, whatever the address");
    }

    private static async Task<RecordedEvents> TriedAsync(PgBackup backup, DatabaseTarget target)
    {
        var events = new RecordedEvents();
        await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { WhatIf = true }, events, CancellationToken.None);
        return events;
    }

    private static async Task MoveToTmpfsAsync(ScratchServer server, string size)
    {
        await server.StopImmediatelyAsync(CancellationToken.None);
        var aside = server.DataFolder + ".aside";
        await Sh("cp", "-a", server.DataFolder, aside);
        await Sh("mount", "-t", "tmpfs", "-o", $"size={size},mode=0700", "tmpfs", server.DataFolder);
        await Sh("cp", "-a", aside + "/.", server.DataFolder);
        await server.StartAgainAsync(CancellationToken.None);
    }

    private static async Task Sh(string program, params string[] arguments) =>
        (await ToolProcess.RunAsync(new ToolCommand(program, arguments), CancellationToken.None)).OrThrow();

    private static Task<PgBackup> BackupAsync(DatabaseTarget target, TempFolder folder) =>
        new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);

    private static Task<PgRestore> RestoreAsync(PgBackup backup, DatabaseTarget target, RecordedEvents events) =>
        new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), events, CancellationToken.None);
}
