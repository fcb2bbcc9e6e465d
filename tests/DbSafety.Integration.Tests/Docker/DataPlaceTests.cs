using DbSafety.Docker.Mounts;
using DbSafety.Docker.Targets;
using DbSafety.Docker.Volumes;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>What is behind a mount: a disk or memory, and which folder of it.</summary>
[Collection(DockerEngineCollection.Name)]
public sealed class DataPlaceTests(DockerEngineFixture docker)
{
    private const string Classic = "/var/lib/postgresql/data";

    /// <summary>The container's kernel tells it while it runs, and this machine's table of mounts afterwards.</summary>
    [RootFact]
    public Task Data_in_a_tmpfs_folder_of_the_host_is_reported_as_lost_when_the_host_restarts() => docker.WithFolderAsync(
        async folder =>
        {
            var container = await docker.RunAsync("bind-memory", docker.Images.Postgres, "-v", $"{folder}/data:{Classic}");
            var running = await TestAsync(container);
            await docker.DockerAsync("kill", container);
            var stopped = await TestAsync(container);
            await docker.DockerAsync("rm", "--force", container);

            foreach (var test in new[] { running, stopped })
            {
                Assert.Equal((MountKind.BindMount, CheckState.Fail, false), (test.MountKind, Check(test, "mount").State, test.Survives));
                Assert.Contains("is in memory (tmpfs): it remains when the container is removed, but is lost when the host restarts", Check(test, "mount").Evidence, StringComparison.Ordinal);
            }
        },
        "/dev/shm");

    [RootFact]
    public Task Volume_with_tmpfs_options_or_a_bind_to_a_tmpfs_folder_fails() => docker.WithFolderAsync(async folder =>
    {
        var options = await docker.VolumeAsync("memory-options", "--opt", "type=tmpfs", "--opt", "device=tmpfs");
        var bound = await docker.VolumeAsync("memory-bound", "--opt", "type=none", "--opt", "o=bind", "--opt", $"device={folder}");

        var byOptions = Check(await TestAsync(await docker.CreateAsync("memory-options", docker.Images.Postgres, "-v", $"{options}:{Classic}")), "mount");
        var byFolder = Check(await TestAsync(await docker.CreateAsync("memory-bound", docker.Images.Postgres, "-v", $"{bound}:{Classic}")), "mount");

        Assert.Equal((CheckState.Fail, CheckState.Fail), (byOptions.State, byFolder.State));
        Assert.Contains("it is lost when the last container that uses it stops", byOptions.Evidence, StringComparison.Ordinal);
        Assert.Contains("in memory (tmpfs): it remains when the container is removed, but is lost when the host restarts", byFolder.Evidence, StringComparison.Ordinal);
    }, "/dev/shm");

    [RootFact]
    public async Task Servers_in_different_folders_of_a_volume_pass_and_servers_in_the_same_folder_fail()
    {
        var volume = await docker.VolumeAsync("two-folders");
        string[] mount = ["-v", $"{volume}:/clusters", "--env"];
        var servers = await Task.WhenAll(new[] { "a", "b" }.Select(f => docker.RunAsync($"folder-{f}", docker.Images.Postgres, [.. mount, $"PGDATA=/clusters/{f}"])));
        var (first, second) = (servers[0], servers[1]);

        var check = Check(await TestAsync(first), "sole-use");
        Assert.Equal(CheckState.Pass, check.State);
        Assert.Contains($"{second} has another cluster in the folder b of {volume}", check.Evidence, StringComparison.Ordinal);

        // The same folder at another place of the container, and only its name counts: a second server would damage the cluster.
        var third = await docker.CreateAsync("folder-c", docker.Images.Postgres, "-v", $"{volume}:/elsewhere", "--env", "PGDATA=/elsewhere/a", "--entrypoint", "cat", "--interactive");
        await docker.DockerAsync("start", third);
        var shared = Check(await TestAsync(first), "sole-use");
        await docker.DockerAsync("rm", "--force", third);
        Assert.Equal(CheckState.Fail, shared.State);
        Assert.Contains($"docker stop {third}.", shared.Remedy, StringComparison.Ordinal);
    }

    [RootFact]
    public Task Bind_mount_and_volume_that_lead_to_the_same_host_folder_are_the_same_cluster() => docker.WithFolderAsync(async folder =>
    {
        Directory.CreateDirectory($"{folder}/data");
        var alias = await docker.VolumeAsync("alias", "--opt", "type=none", "--opt", "o=bind", "--opt", $"device={folder}/data");
        var first = await docker.CreateAsync("alias-a", docker.Images.Postgres, "-v", $"{folder}/data:{Classic}");
        var second = await docker.CreateAsync("alias-b", docker.Images.Postgres, "-v", $"{alias}:{Classic}", "--entrypoint", "cat", "--interactive");
        await docker.DockerAsync("start", second);

        var check = Check(await TestAsync(first), "sole-use");
        await docker.DockerAsync("rm", "--force", first, second);

        Assert.Equal(CheckState.Fail, check.State);
    });

    /// <summary>PGDATA is where the settings are, and they name another folder.</summary>
    [RootFact]
    public async Task Data_directory_is_read_from_the_data_directory_setting_of_the_server()
    {
        var volume = await docker.VolumeAsync("moved-data");
        var before = await docker.RunAsync("moved-before", docker.Images.Postgres, "-v", $"{volume}:/v", "--env", "PGDATA=/v/b");
        await docker.DockerAsync("exec", before, "sh", "-c", "mkdir /v/a && cp /v/b/*.conf /v/b/PG_VERSION /v/a && echo \"data_directory='/v/b'\" >> /v/a/postgresql.conf");
        await docker.DockerAsync("stop", before);
        var container = await docker.RunAsync("moved-data", docker.Images.Postgres, "-v", $"{volume}:/v", "--env", "PGDATA=/v/a");

        Assert.Equal("/v/b", (await TestAsync(container)).PgData);
    }

    private static VolumeCheck Check(DockerVolumeTest test, string id) => Assert.Single(test.Checks, c => c.Id == id);

    private async Task<DockerVolumeTest> TestAsync(string container) =>
        Assert.Single(await new TestDockerVolume().RunAsync(new DockerVolumeRequest(container) { DockerHost = docker.Address.Text }, OperationEvents.None, CancellationToken.None));
}
