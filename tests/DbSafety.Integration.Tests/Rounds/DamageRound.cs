using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Rounds;

/// <summary>Sets that are cut off or have a bit flipped, at random places of every file of theirs.</summary>
[Collection(PgServerGroup.Name)]
public sealed class DamageRound(PgServer pg, ITestOutputHelper output)
{
    private const string Bulk = "CREATE TABLE bulk AS SELECT i, md5(i::text) AS text FROM generate_series(1, 3000) i;";

    [Theory]
    [MemberData(nameof(BackupTests.Formats), MemberType = typeof(BackupTests))]
    [Hazard("H2")]
    public async Task Every_truncation_and_every_flipped_bit_is_detected_and_refused(BackupFormat format)
    {
        var round = new Round(output);
        var target = await pg.CreateDatabaseAsync("damage", SampleSql.Odd + SampleSql.Shop + Bulk);
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None);
        var files = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).Length > 0).Order(StringComparer.Ordinal).ToList();
        var before = await FingerprintReader.ReadAsync(target, CancellationToken.None);
        var databases = await Databases();

        for (var i = 0; i < 2 * Round.Times(40, 200); i++)
        {
            var file = Pick(files, backup, round.Random);
            var whole = await File.ReadAllBytesAsync(file);
            var what = $"{round}, {i}: {Damage(file, whole, cut: i % 2 == 0, round.Random)}";
            Assert.False(await PassesAsync(backup.Path), what + " was not found");
            if (Round.IsLong || i % 10 < 2)
                Assert.True(await IsRefusedAsync(backup.Path, target), what + " was restored");
            await File.WriteAllBytesAsync(file, whole);
        }

        Assert.True(await PassesAsync(backup.Path));
        Assert.Equal(before.Tables, (await FingerprintReader.ReadAsync(target, CancellationToken.None)).Tables);
        Assert.Equal(databases, await Databases());
    }

    /// <summary>Half of them in the payload, which is most of the set; the others in any file, the manifest and the globals included.</summary>
    private static string Pick(List<string> files, PgBackup backup, Random random)
    {
        var payload = files.Where(f => f.StartsWith(backup.Payload, StringComparison.Ordinal)).ToList();
        var from = random.Next(2) == 0 ? payload : files;
        return from[random.Next(from.Count)];
    }

    private static string Damage(string file, byte[] whole, bool cut, Random random)
    {
        var at = random.Next(whole.Length);
        if (cut)
        {
            File.WriteAllBytes(file, whole[..at]);
            return $"{Path.GetFileName(file)} cut to {at} of {whole.Length} bytes";
        }

        var bytes = (byte[])whole.Clone();
        var bit = random.Next(8);
        bytes[at] ^= (byte)(1 << bit);
        File.WriteAllBytes(file, bytes);
        return $"bit {bit} of byte {at} of {Path.GetFileName(file)} flipped";
    }

    private static async Task<bool> PassesAsync(string manifest)
    {
        try
        {
            return (await BackupTests.Test(manifest)).Passed;
        }
        catch (DbSafetyException e) when (e.Code == "DBS208")
        {
            return false; // The flipped bit made a newer format of it.
        }
    }

    private static async Task<bool> IsRefusedAsync(string manifest, DatabaseTarget target)
    {
        try
        {
            await new RestoreDatabase().RunAsync(new RestoreRequest(manifest, target), new RecordedEvents(), CancellationToken.None);
            return false;
        }
        catch (DbSafetyException e) when (e.Code is "DBS204" or "DBS205" or "DBS208")
        {
            return true;
        }
    }

    private Task<string> Databases() => PgServer.ScalarAsync<string>(pg.Target, "SELECT string_agg(datname, ',' ORDER BY datname) FROM pg_database WHERE datname LIKE 'damage%'");
}
