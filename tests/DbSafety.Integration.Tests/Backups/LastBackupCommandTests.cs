using System.Text.Json;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;

namespace DbSafety.Integration.Tests.Backups;

/// <summary><c>dbsafety backup last</c> and <c>dbsafety log</c>, as a monitor and the person on call use them.</summary>
[Collection(PgServerGroup.Name)]
public sealed class LastBackupCommandTests(PgServer pg)
{
    [Fact]
    public async Task A_database_without_a_recent_backup_ends_with_exit_code_4_and_one_with_a_backup_with_0()
    {
        var (shop, never) = (await pg.CreateDatabaseAsync("monitored", SampleSql.Shop), await pg.CreateDatabaseAsync("never"));
        using var folder = new TempFolder();
        var environment = new Dictionary<string, string?> { ["DBSAFETY_LOG"] = Path.Combine(folder.Path, "log") };
        var sets = Path.Combine(folder.Path, "sets");
        Assert.Equal(0, (await Dbsafety.RunAsync(environment, "backup", "create", "--database-url", shop.ToString(), "--destination", sets)).ExitCode);

        var fresh = await Dbsafety.RunAsync(environment, "backup", "last", "--database-url", shop.ToString(), "--json");
        Assert.True(fresh.ExitCode == 0, fresh.Error);
        var row = Assert.Single(JsonDocument.Parse(fresh.Output).RootElement.EnumerateArray());
        Assert.Equal((false, 500L), (row.GetProperty("IsStale").GetBoolean(), row.GetProperty("Backup").GetProperty("Manifest").GetProperty("Tables").EnumerateArray().Single(t => t.GetProperty("Name").GetString() == "orders").GetProperty("Rows").GetInt64()));

        var stale = await Dbsafety.RunAsync(environment, "backup", "last", "--path", sets, "--database-url", never.ToString());
        Assert.Equal(4, stale.ExitCode);
        Assert.StartsWith($"STALE  {never.Database} on ", stale.Output, StringComparison.Ordinal);
        Assert.StartsWith($"error DBS234: no proven backup of {never.Database} is at most 1.1 days old", stale.Error, StringComparison.Ordinal);

        var all = await Dbsafety.RunAsync(environment, "backup", "last", "--all-databases", "--database-url", shop.ToString());
        Assert.Equal(4, all.ExitCode);
        Assert.Contains($"ok     {shop.Database} on ", all.Output, StringComparison.Ordinal);
        Assert.Contains($"STALE  {never.Database} on ", all.Output, StringComparison.Ordinal);

        var log = await Dbsafety.RunAsync(environment, "log", "--database", "monit*", "--outcome", "Succeeded", "--since", "1h");
        Assert.True(log.ExitCode == 0, log.Error);
        Assert.Matches($@"^\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\dZ  Succeeded    backup create of {shop.Database} on ", log.Output);
    }

    [Fact]
    public async Task A_set_that_failed_its_test_is_no_last_backup()
    {
        var shop = await pg.CreateDatabaseAsync("twice", SampleSql.Shop);
        using var folder = new TempFolder();
        var environment = new Dictionary<string, string?> { ["DBSAFETY_LOG"] = Path.Combine(folder.Path, "log") };
        var older = await BackUpAsync(shop, folder);
        var newer = await BackUpAsync(shop, folder);
        var bytes = await File.ReadAllBytesAsync(newer.Payload);
        bytes[^20] ^= 1;
        await File.WriteAllBytesAsync(newer.Payload, bytes);
        Assert.Equal(4, (await Dbsafety.RunAsync(environment, "backup", "test", newer.Path)).ExitCode);

        var last = await Dbsafety.RunAsync(environment, "backup", "last", "--path", folder.Path);
        Assert.True(last.ExitCode == 0, last.Error);
        Assert.Contains(older.Path, last.Output, StringComparison.Ordinal);
        Assert.Contains($"{Path.GetFileName(newer.Path)} is newer and does not count: its last test failed", last.Output, StringComparison.Ordinal);
    }

    private static Task<PgBackup> BackUpAsync(DatabaseTarget target, TempFolder folder) =>
        new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);
}
