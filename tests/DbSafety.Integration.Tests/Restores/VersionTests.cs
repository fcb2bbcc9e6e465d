using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>From older servers to newer ones: the same tables, rows, sequences and large objects, for definitions are printed otherwise.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class VersionTests(PgServer pg)
{
    public static TheoryData<int, int, BackupFormat> Ways => Round.IsLong
        ? new() { { 12, 18, BackupFormat.Custom }, { 12, 15, BackupFormat.Directory }, { 12, 18, BackupFormat.Plain }, { 15, 18, BackupFormat.Custom } }
        : new() { { 12, 15, BackupFormat.Directory }, { 15, 18, BackupFormat.Custom } };

    [Theory]
    [MemberData(nameof(Ways))]
    [Hazard("H28")]
    public async Task A_database_is_restored_from_an_older_to_a_newer_server_without_differences(int from, int to, BackupFormat format)
    {
        await using var source = await StartAsync(from);
        await using var goal = await StartAsync(to);
        await PgServer.ExecuteAsync(source.Target, "CREATE DATABASE \"Shop \"\"x\"\" ü\" TEMPLATE template0");
        var shop = source.Target.On("Shop \"x\" ü");
        await PgServer.ExecuteAsync(shop, SampleSql.Odd + SampleSql.Shop);
        using var folder = new TempFolder();

        var backup = await new BackupDatabase().RunAsync(new BackupRequest(shop, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None);
        var test = await BackupTests.Test(backup.Path);
        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, goal.Target.On(shop.Database)), new RecordedEvents(), CancellationToken.None);

        Assert.True(test.Passed, string.Join("; ", test.Problems));
        Assert.Contains($"definitions were not compared: PostgreSQL {to} prints them differently than {from}", restore.Notes);
        await AssertSameAsync(shop, goal.Target.On(shop.Database));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("custom")]
    public async Task A_foreign_dump_of_an_older_server_is_restored_to_a_newer_one(string shape)
    {
        await using var source = await StartAsync(12);
        await using var goal = await StartAsync(18);
        await PgServer.ExecuteAsync(source.Target, "CREATE DATABASE shop");
        await PgServer.ExecuteAsync(source.Target.On("shop"), SampleSql.Odd + SampleSql.Shop);
        using var folder = new TempFolder();
        var path = await ForeignDumps.MakeAsync(shape, source.Target.On("shop"), folder.Path);

        await new RestoreDatabase().RunAsync(new RestoreRequest(path, goal.Target.On("shop")), new RecordedEvents(), CancellationToken.None);

        await AssertSameAsync(source.Target.On("shop"), goal.Target.On("shop"));
    }

    [Fact]
    [Hazard("H10")]
    public async Task Missing_extensions_are_reported_before_anything_is_created()
    {
        // PostgreSQL 17 took it out: pgAdmin's users meet this one for real.
        const string Name = "adminpack";
        await using var goal = await StartAsync(18);
        var target = await pg.CreateDatabaseAsync("extended", $"CREATE EXTENSION {Name};" + SampleSql.Shop);
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);
        var foreign = await ForeignDumps.MakeAsync("plain", target, folder.Path);

        foreach (var set in new[] { backup.Path, foreign })
        {
            var result = await Dbsafety.RunAsync("restore", "run", set, "--database-url", goal.Target.On("shop").ToString());
            Assert.Equal(3, result.ExitCode);
            Assert.Contains("error DBS303", result.Error, StringComparison.Ordinal);
            Assert.Contains(Name, result.Error, StringComparison.Ordinal);
        }

        Assert.Equal("postgres", await PgServer.ScalarAsync<string>(goal.Target, "SELECT string_agg(datname, ',') FROM pg_database WHERE NOT datistemplate"));
    }

    private static Task<ScratchServer> StartAsync(int major) =>
        major == 15 ? ScratchServer.StartAsync(15, new RecordedEvents(), CancellationToken.None) : NewerServer.StartAsync(major);

    private static async Task AssertSameAsync(DatabaseTarget expected, DatabaseTarget actual)
    {
        var (before, after) = (await FingerprintReader.ReadAsync(expected, CancellationToken.None), await FingerprintReader.ReadAsync(actual, CancellationToken.None));
        Assert.Equal(before.Tables, after.Tables);
        Assert.Equal(before.Sequences, after.Sequences);
        Assert.Equal(before.LargeObjects, after.LargeObjects);
    }
}
