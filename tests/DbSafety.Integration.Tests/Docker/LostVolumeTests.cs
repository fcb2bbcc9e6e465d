using System.Security.Cryptography;
using System.Text.Json;
using DbSafety.Backups;
using DbSafety.Backups.Volumes;
using DbSafety.Errors;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>Where did my data go? Found, and backed up, with two commands.</summary>
[Collection(DockerEngineCollection.Name)]
public sealed class LostVolumeTests(DockerEngineFixture docker)
{
    private const string Classic = "/var/lib/postgresql/data";

    [RootFact]
    [Hazard("H16")]
    public async Task Volume_of_a_renamed_project_is_found_and_backed_up_with_two_commands()
    {
        using var folder = new TempFolder();
        var old = await docker.VolumeAsync("old_data", "--label", "com.docker.compose.project=old", "--label", "com.docker.compose.volume=data");
        var renamed = await docker.VolumeAsync("new_data", "--label", "com.docker.compose.project=new", "--label", "com.docker.compose.volume=data");
        var after = docker.RunAsync("new-db", docker.Images.Postgres, "-v", $"{renamed}:{Classic}");
        var before = await docker.RunAsync("old-db", docker.Images.Postgres, "-v", $"{old}:{Classic}", "--env", "POSTGRES_USER=owner", "--env", "POSTGRES_DB=shop");
        await docker.DockerAsync("exec", before, "psql", "-qU", "owner", "shop", "-c", SampleSql.Shop);
        // Killed, as by a power cut: reading it takes a recovery, which must not happen on the volume itself.
        await docker.DockerAsync("rm", "--force", before);
        await after;
        var untouched = await HashAsync(old);

        var found = (await JsonAsync("volume", "find", "--json")).EnumerateArray().ToList();
        var lost = Assert.Single(found, v => v.GetProperty("Volume").GetString() == old);
        Assert.True(lost.GetProperty("IsOrphaned").GetBoolean());
        Assert.False(lost.GetProperty("WasShutDown").GetBoolean());
        Assert.Equal(("old", "data", $"{docker.Images.Major}"), (lost.GetProperty("ComposeProject").GetString(), lost.GetProperty("ComposeVolume").GetString(), lost.GetProperty("Version").GetString()));
        Assert.InRange(lost.GetProperty("SizeBytes").GetInt64(), 10_000_000, 200_000_000);
        Assert.Contains($"name: {old}, external: true", lost.GetProperty("BringBack").GetString(), StringComparison.Ordinal);
        var inUse = Assert.Single(found, v => v.GetProperty("Volume").GetString() == renamed);
        Assert.False(inUse.GetProperty("IsOrphaned").GetBoolean());

        string[] command = lost.GetProperty("BackUp").GetString()!.Replace("./backups", folder.Path, StringComparison.Ordinal).Split(' ')[1..5];
        var backup = Assert.Single((await JsonAsync([.. command, "--destination", folder.Path, "--json"])).EnumerateArray());
        Assert.Equal(("shop", 623), (backup.GetProperty("Database").GetString(), backup.GetProperty("Rows").GetInt64()));
        Assert.Equal(old, backup.GetProperty("Manifest").GetProperty("Source").GetProperty("Volume").GetString());
        Assert.Equal(0, (await Dbsafety.RunAsync("backup", "test", backup.GetProperty("Path").GetString()!)).ExitCode);

        Assert.Equal(untouched, await HashAsync(old));
        await docker.DockerAsync("volume", "rm", old);
        Assert.Empty(await docker.DockerAsync("ps", "-aq", "--filter", "label=dbsafety.scratch"));
        Assert.Empty(await docker.DockerAsync("volume", "ls", "-q", "--filter", "label=dbsafety.scratch"));
    }

    [RootFact]
    public async Task Data_of_a_removed_container_on_an_anonymous_volume_is_found_and_recovered_by_the_suggested_command()
    {
        var container = await docker.RunAsync("removed", TestImages.Eighteen);
        await docker.DockerAsync("exec", container, "psql", "-qU", "postgres", "-c", "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)");
        var volume = JsonDocument.Parse(await docker.DockerAsync("inspect", container, "--format", "{{json .Mounts}}")).RootElement[0].GetProperty("Name").GetString()!;
        await docker.DockerAsync("stop", container);
        await docker.DockerAsync("rm", container);

        var found = Assert.Single((await JsonAsync("volume", "find", "--orphaned", "--json")).EnumerateArray(), v => v.GetProperty("Volume").GetString() == volume);
        Assert.True(found.GetProperty("IsAnonymous").GetBoolean());
        Assert.Equal(("18/docker", true), (found.GetProperty("Path").GetString(), found.GetProperty("WasShutDown").GetBoolean()));
        // The image only claims to be of 18: its cluster is of the machine's own version, and so the command names its place.
        var command = found.GetProperty("BringBack").GetString()!;
        Assert.Contains($"-e PGDATA=/cluster/18/docker -v {volume}:/cluster postgres:{docker.Images.Major}", command, StringComparison.Ordinal);

        string[] words = command.Replace($"postgres:{docker.Images.Major}", docker.Images.Postgres, StringComparison.Ordinal).Replace("-p 127.0.0.1:5432:5432", "--network none", StringComparison.Ordinal).Split(' ');
        await docker.DockerAsync(words[1..]);
        var back = words[words.IndexOf("--name") + 1];
        await docker.ReadyAsync(back);
        Assert.Equal("42", await docker.DockerAsync("exec", back, "psql", "-AtU", "postgres", "-c", "SELECT n FROM kept"));
        await docker.DockerAsync("rm", "--force", back);
        await docker.DockerAsync("volume", "rm", volume);
    }

    [RootFact]
    public async Task Backup_of_a_volume_that_is_in_use_or_without_a_cluster_or_unknown_is_an_error_with_a_hint()
    {
        var volume = await docker.VolumeAsync("busy");
        var container = await docker.RunAsync("busy", docker.Images.Postgres, "-v", $"{volume}:{Classic}");
        var empty = await docker.VolumeAsync("no-cluster");
        Assert.Equal("DBS516", (await FailsAsync(volume)).Code);
        Assert.Contains($"--container {container}", (await FailsAsync(volume)).Hint, StringComparison.Ordinal);
        Assert.Equal("DBS515", (await FailsAsync(empty)).Code);
        var unknown = await FailsAsync(empty[..^2]);
        Assert.Equal("DBS514", unknown.Code);
        Assert.Contains(empty, unknown.Hint, StringComparison.Ordinal);

        Task<DbSafetyException> FailsAsync(string name) => Assert.ThrowsAsync<DbSafetyException>(() => new BackupVolume().RunAsync(
            new VolumeBackupRequest(name, new BackupSettings("/nowhere")) { DockerHost = docker.Address.Text }, new RecordedEvents(), CancellationToken.None));
    }

    [RootFact]
    public async Task Backup_of_a_damaged_cluster_is_an_error_and_leaves_no_container_or_volume()
    {
        var volume = await docker.VolumeAsync("damaged");
        var container = await docker.RunAsync("damaged", docker.Images.Postgres, "-v", $"{volume}:{Classic}");
        await docker.DockerAsync("stop", container);
        await docker.DockerAsync("rm", container);
        await docker.DockerAsync("run", "--rm", "--network", "none", "-v", $"{volume}:/v", TestImages.App, "rm", "-rf", "/v/global/pg_control", "/v/pg_wal");

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new BackupVolume().RunAsync(
            new VolumeBackupRequest(volume, new BackupSettings("/nowhere")) { DockerHost = docker.Address.Text, Image = docker.Images.Postgres }, new RecordedEvents(), CancellationToken.None));

        Assert.Equal("DBS517", error.Code);
        Assert.Empty(await docker.DockerAsync("ps", "-aq", "--filter", "label=dbsafety.scratch"));
        Assert.Empty(await docker.DockerAsync("volume", "ls", "-q", "--filter", "label=dbsafety.scratch"));
    }

    [RootFact]
    public async Task Backup_of_a_volume_with_a_tablespace_outside_it_is_rejected()
    {
        var volume = await docker.VolumeAsync("tablespace");
        var container = await docker.RunAsync("tablespace", docker.Images.Postgres, "-v", $"{volume}:{Classic}");
        await docker.DockerAsync("exec", container, "sh", "-c", "mkdir /tmp/far && chown postgres /tmp/far");
        await docker.DockerAsync("exec", container, "psql", "-qU", "postgres", "-c", "CREATE TABLESPACE far LOCATION '/tmp/far'");
        await docker.DockerAsync("stop", container);
        await docker.DockerAsync("rm", container);

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new BackupVolume().RunAsync(
            new VolumeBackupRequest(volume, new BackupSettings("/nowhere")) { DockerHost = docker.Address.Text, Image = docker.Images.Postgres }, new RecordedEvents(), CancellationToken.None));

        Assert.Equal("DBS517", error.Code);
        Assert.Contains("it has a tablespace in /tmp/far", error.Message, StringComparison.Ordinal);
        Assert.Contains("with that folder mounted too", error.Hint, StringComparison.Ordinal);
    }

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var result = await Dbsafety.RunAsync(new Dictionary<string, string?> { ["DOCKER_HOST"] = docker.Address.Text }, arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonDocument.Parse(result.Output).RootElement;
    }

    /// <summary>Of every file's name, content and time of its last change.</summary>
    private async Task<string> HashAsync(string volume)
    {
        var root = await docker.DockerAsync("volume", "inspect", volume, "--format", "{{.Mountpoint}}");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{file} {File.GetLastWriteTimeUtc(file).Ticks}"));
            hash.AppendData(await File.ReadAllBytesAsync(file));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
