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
    public async Task A_release_stops_at_a_loss_and_prints_the_way_back_of_this_run_only()
    {
        using var folder = new RunbookFolder();
        var shop = await pg.CreateDatabaseAsync("shop", "CREATE TABLE t (id int, note text); INSERT INTO t VALUES (1, 'x')");
        // The result has the way back, also if the log cannot be written.
        folder.Configure([shop], $"DBSAFETY_LOG='{folder.At("bin/dbsafety")}/log'");
        Directory.CreateDirectory(folder.At("sql"));
        await File.WriteAllTextAsync(folder.At("sql/001_drop.sql"), "SET lock_timeout = '1s';\nALTER TABLE t DROP COLUMN note;\n");
        Task<DbsafetyResult> ReleaseAsync(params string[] options) => folder.RunAsync("release.sh", [shop.Database, folder.At("sql"), .. options]);

        var refused = await ReleaseAsync();
        Assert.Equal((3, 0), (refused.ExitCode, folder.Sets));
        Assert.Contains("drop-column", refused.Output, StringComparison.Ordinal);
        // What the options allow is decided by the run: a name that fits no loss is wrong usage.
        HasChangedNothing(2, await ReleaseAsync("--allow", "drop-column:t.other"));
        Assert.Equal("x", await PgServer.ScalarAsync<string>(shop, "SELECT note FROM t"));
        var allowed = await ReleaseAsync("--allow", "drop-column:t.note");

        Assert.True(allowed.ExitCode == 0, allowed.Output + allowed.Error);
        var back = allowed.Error.TrimEnd().Split('\n')[^1].Split("release: the way back to the state before: ")[1];
        Assert.Contains(Directory.GetFiles(folder.Backups, "backup_*Z.json").Single(), back, StringComparison.Ordinal);
        // As printed, in a shell that has not read the settings.
        var undone = await RunbookFolder.EndAsync(folder.StartCommand("/bin/sh", "-c", $"PGPASSWORD='{shop.Password}' {back}"));
        Assert.True(undone.ExitCode == 0, back + undone.Error);
        Assert.Equal("x", await PgServer.ScalarAsync<string>(shop, "SELECT note FROM t"));

        HasChangedNothing(2, await ReleaseAsync("--allow", "drop-column:t.note", "--no-such-option"));

        // The first part is committed; the second fails on this server, not in the rehearsal.
        Directory.CreateDirectory(folder.At("half"));
        await File.WriteAllTextAsync(folder.At("half/001_create.sql"), "CREATE TABLE half (id int PRIMARY KEY);\n");
        await File.WriteAllTextAsync(folder.At("half/002_fail.sql"), $"DO $$ BEGIN IF current_setting('unix_socket_directories') = '{shop.Host}' THEN RAISE EXCEPTION 'half'; END IF; END $$;\n");
        var half = await folder.RunAsync("release.sh", shop.Database, folder.At("half"), "--on-failure", "stop");
        Assert.True(half.ExitCode == 1, half.Output + half.Error);
        Assert.StartsWith("release: the way back to the state before: dbsafety restore run ", half.Error.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetFileName(back.Split('"')[1]), half.Error, StringComparison.Ordinal);
        folder.Configure([shop], $"URL_{shop.Database}='postgres://app@127.0.0.1:1/{shop.Database}'");
        HasChangedNothing(5, await ReleaseAsync());
    }

    private static void HasChangedNothing(int exitCode, DbsafetyResult release)
    {
        Assert.Equal(exitCode, release.ExitCode);
        Assert.EndsWith("release: nothing was changed\n", release.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("restore run", release.Output + release.Error, StringComparison.Ordinal);
    }
}
