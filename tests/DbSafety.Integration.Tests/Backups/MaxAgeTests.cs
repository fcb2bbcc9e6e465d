using System.Text.Json;
using DbSafety.Audit;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Errors;

namespace DbSafety.Integration.Tests.Backups;

/// <summary>A schedule that backs up only if no recent backup exists.</summary>
[Collection(PgServerGroup.Name)]
public sealed class MaxAgeTests(PgServer pg)
{
    [Fact]
    public async Task A_recent_backup_of_the_database_is_returned_and_no_backup_is_created()
    {
        var shop = await pg.CreateDatabaseAsync("shop", SampleSql.Shop);
        using var folder = new TempFolder();
        var first = await BackupAsync(shop, folder);
        Assert.False(first.IsReused);

        var second = await BackupAsync(shop, folder, s => s with { Format = BackupFormat.Directory, Labels = ["nightly"], Checksum = true });
        var cli = await Dbsafety.RunAsync("backup", "create", "--database-url", shop.ToString(), "--destination", folder.Path, "--max-age", "1h", "--json");

        Assert.Equal((first.Path, true), (second.Path, second.IsReused));
        Assert.Equal(first.Path, JsonDocument.Parse(cli.Output).RootElement[0].GetProperty("Path").GetString());
        Assert.Equal(3, folder.Names.Count());
    }

    [Fact]
    public async Task Backups_that_are_not_intact_recent_backups_of_exactly_this_database_do_not_prevent_a_backup()
    {
        var shop = await pg.CreateDatabaseAsync("shop", SampleSql.Shop);
        using var folder = new TempFolder();
        var other = await pg.CreateDatabaseAsync(shop.Database + "-test", SampleSql.Shop);
        await BackupAsync(other, folder);
        await BackupAsync(shop, folder, s => s with { MaxAge = null, Selection = new BackupSelection { ExcludeTables = ["orders"] } });
        var set = await BackupAsync(shop, folder, s => s with { Environment = "test" });
        foreach (var change in new Func<BackupManifest, BackupManifest>[]
        {
            m => m with { Environment = "test" },
            m => m with { SnapshotTime = m.SnapshotTime.AddHours(-2) },
            m => m with { SnapshotTime = m.SnapshotTime.AddHours(2) },
            m => m with { Source = m.Source with { SystemIdentifier = "7" } },
            m => m with { Source = m.Source with { SystemIdentifier = null } },
            m => m with { Source = m.Source with { Host = "db2.example.com" } },
            m => m with { Files = [m.Files[0] with { Bytes = m.Files[0].Bytes + 1 }, .. m.Files.Skip(1)] },
        })
        {
            await File.WriteAllTextAsync(set.Path, ManifestFile.Write(change(set.Manifest with { Environment = "default" })));
            var created = await BackupAsync(shop, folder);
            Assert.False(created.IsReused);
            File.Delete(created.Path);
        }

        await File.WriteAllTextAsync(set.Path, ManifestFile.Write(set.Manifest with { Environment = "default" }));
        Assert.Equal((set.Path, true), (await BackupAsync(shop, folder)) is var reused ? (reused.Path, reused.IsReused) : default);

        var payload = await File.ReadAllBytesAsync(set.Payload);
        payload[payload.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(set.Payload, payload);
        Assert.False((await BackupTests.Test(set.Path)).Passed);
        Assert.False((await BackupAsync(shop, folder)).IsReused);
    }

    [Fact]
    public async Task A_backup_of_a_database_that_was_replaced_does_not_prevent_a_backup()
    {
        var shop = await pg.CreateDatabaseAsync("replaced", "CREATE TABLE t (id int)");
        using var folder = new TempFolder();
        Assert.False((await BackupAsync(shop, folder)).IsReused);
        await PgServer.ExecuteAsync(pg.Target, $"DROP DATABASE {shop.Database}");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {shop.Database}");
        Assert.False((await BackupAsync(shop, folder)).IsReused);
        Assert.True((await BackupAsync(shop, folder)).IsReused);
        await AuditLog.RecordAsync(shop.Log("restore run"), new RecordedEvents(), _ => Task.FromResult(0), _ => new LogResult());
        Assert.False((await BackupAsync(shop, folder)).IsReused);
    }

    [Fact]
    public async Task A_backup_without_what_the_options_include_does_not_prevent_a_backup()
    {
        var shop = await pg.CreateDatabaseAsync("included", "CREATE TABLE t (id int)");
        await PgServer.ExecuteAsync(shop, $"CREATE ROLE hashed{Guid.NewGuid():N} PASSWORD 'x'");
        using var folder = new TempFolder();
        await BackupAsync(shop, folder);
        Assert.False((await BackupAsync(shop, folder, s => s with { IncludeServerSettings = true })).IsReused);
        Assert.True((await BackupAsync(shop, folder, s => s with { IncludeServerSettings = true })).IsReused);
        Assert.False((await BackupAsync(shop, folder, s => s with { IncludePasswords = true })).IsReused);
        Assert.True((await BackupAsync(shop, folder, s => s with { IncludePasswords = true })).IsReused);
    }

    [Fact]
    public async Task A_maximum_age_is_refused_for_a_backup_of_a_part_of_the_database()
    {
        var shop = await pg.CreateDatabaseAsync("shop", SampleSql.Shop);
        using var folder = new TempFolder();
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => BackupAsync(shop, folder, s => s with { Selection = new BackupSelection { SchemaOnly = true } }));
        Assert.Equal("DBS221", error.Code);
        Assert.Empty(folder.Names);
    }

    private static Task<PgBackup> BackupAsync(DatabaseTarget target, TempFolder folder, Func<BackupSettings, BackupSettings>? how = null)
    {
        var settings = new BackupSettings(folder.Path) { MaxAge = TimeSpan.FromHours(1) };
        return new BackupDatabase().RunAsync(new BackupRequest(target, how?.Invoke(settings) ?? settings), new RecordedEvents(), CancellationToken.None);
    }
}
