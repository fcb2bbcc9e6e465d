using System.Text.Json;

namespace DbSafety.Integration.Tests.Runbooks;

[Collection(PgServerGroup.Name)]
public sealed class DrillAndReleaseTests(PgServer pg)
{
    [Fact]
    public async Task A_drill_restores_the_newest_set_and_a_damaged_set_fails_it()
    {
        using var folder = new RunbookFolder();
        var shop = await pg.CreateDatabaseAsync("shop", SampleSql.Shop);
        folder.Configure([shop]);
        Assert.Equal(5, (await folder.RunAsync("weekly-drill.sh")).ExitCode);
        Assert.Equal(0, (await folder.RunAsync("nightly.sh")).ExitCode);

        var drill = await folder.RunAsync("weekly-drill.sh");
        Assert.True(drill.ExitCode == 0, drill.Error);
        Assert.Equal("1", folder.Metric("dbsafety_drill_success", shop.Database, "drill"));

        var dump = Directory.GetFiles(folder.Backups, "*.dump.zst").Single();
        var bytes = await File.ReadAllBytesAsync(dump);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(dump, bytes);
        Assert.Equal(4, (await folder.RunAsync("weekly-drill.sh")).ExitCode);
        Assert.Equal("0", folder.Metric("dbsafety_drill_success", shop.Database, "drill"));
        Assert.NotNull(folder.Metric("dbsafety_drill_timestamp_seconds", shop.Database, "drill"));
        Assert.Equal(4, JsonDocument.Parse(await File.ReadAllTextAsync(folder.At("failure.json"))).RootElement.GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task A_release_stops_at_a_loss_and_prints_the_way_back_after_it_was_allowed()
    {
        using var folder = new RunbookFolder();
        var shop = await pg.CreateDatabaseAsync("shop", "CREATE TABLE t (id int, note text); INSERT INTO t VALUES (1, 'x')");
        folder.Configure([shop]);
        Directory.CreateDirectory(folder.At("sql"));
        await File.WriteAllTextAsync(folder.At("sql/001_drop.sql"), "SET lock_timeout = '1s';\nALTER TABLE t DROP COLUMN note;\n");

        var refused = await folder.RunAsync("release.sh", shop.Database, folder.At("sql"));
        Assert.Equal((3, 0), (refused.ExitCode, folder.Sets));
        Assert.Contains("drop-column", refused.Output, StringComparison.Ordinal);
        // What the options allow is decided by the run: a name that fits no loss is wrong usage.
        Assert.Equal(2, (await folder.RunAsync("release.sh", shop.Database, folder.At("sql"), "--allow", "drop-column:t.other")).ExitCode);
        Assert.Equal("x", await PgServer.ScalarAsync<string>(shop, "SELECT note FROM t"));
        var allowed = await folder.RunAsync("release.sh", shop.Database, folder.At("sql"), "--allow", "drop-column:t.note");

        Assert.True(allowed.ExitCode == 0, allowed.Output + allowed.Error);
        var set = Directory.GetFiles(folder.Backups, "backup_*Z.json").Single();
        Assert.Contains($"dbsafety restore run '{set}' --database-url env:URL_{shop.Database}", allowed.Error, StringComparison.Ordinal);
    }
}
