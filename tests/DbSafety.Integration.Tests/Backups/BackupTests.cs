using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;

namespace DbSafety.Integration.Tests.Backups;

[Collection(PgServerGroup.Name)]
public sealed class BackupTests(PgServer pg)
{
    public static TheoryData<BackupFormat> Formats => [BackupFormat.Custom, BackupFormat.Plain, BackupFormat.Directory];

    [Theory]
    [MemberData(nameof(Formats))]
    [Hazard("H28")]
    public async Task The_server_and_the_dump_have_equal_counts_for_every_kind_of_object_and_name(BackupFormat format)
    {
        var target = await pg.CreateDatabaseAsync("odd \"name' ü", SampleSql.Odd + SampleSql.Shop);
        using var folder = new TempFolder();

        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format, Environment = "prod", Labels = ["x"] }, new RecordedEvents(), CancellationToken.None);
        var fingerprint = await FingerprintReader.ReadAsync(target, CancellationToken.None);

        Assert.Equal(fingerprint.Tables, backup.Manifest.Tables);
        Assert.Equal(fingerprint.Sequences, backup.Manifest.Sequences);
        Assert.Equal(2, backup.Manifest.LargeObjects);
        Assert.Equal(fingerprint.SchemaHash, backup.Manifest.SchemaHash);
        Assert.Contains(backup.Manifest.Tables, t => t.Rows == 4 && t.Name.Contains('\n', StringComparison.Ordinal));
        Assert.Equal(["materialized view public.totals"], backup.Manifest.NotProven);
        Assert.Equal(format, backup.Manifest.Format);
        Assert.True((await Test(backup.Path)).Passed);
        Assert.True((await Test(backup.Payload)).Passed);
    }

    [Fact]
    [Hazard("H13")]
    public async Task A_backup_is_private_to_its_owner_and_named_in_UTC()
    {
        var target = await pg.CreateDatabaseAsync("shop", SampleSql.Shop);
        using var folder = new TempFolder();
        var inner = Path.Combine(folder.Path, "new", "backups");

        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, inner) { Environment = "prod" }, new RecordedEvents(), CancellationToken.None);

        Assert.Matches(@"^backup_prod_shop_\w+_\d{8}T\d{6}Z\.json$", Path.GetFileName(backup.Path));
        Assert.Equal(TimeSpan.Zero, backup.SnapshotTime.Offset);
        Assert.All(Directory.EnumerateFiles(inner), f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(inner));
        Assert.Equal(3, Directory.EnumerateFiles(inner).Count());
        Assert.DoesNotContain("partial", string.Join('|', Directory.EnumerateFiles(inner)), StringComparison.Ordinal);
    }

    internal static Task<PgBackupTest> Test(string path) => new TestBackup().RunAsync(new BackupTestRequest(path), new RecordedEvents(), CancellationToken.None);
}
