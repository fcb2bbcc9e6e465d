using DbSafety.Docker.Mounts;
using DbSafety.Docker.Targets;
using DbSafety.Docker.Volumes;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests.Docker;

[Collection(DockerEngineCollection.Name)]
public sealed class DockerVolumeTests(DockerEngineFixture docker)
{
    private const string Classic = "/var/lib/postgresql/data";

    [RootFact]
    public async Task Named_volume_mounted_at_the_data_directory_passes()
    {
        var volume = await docker.VolumeAsync("named");
        var container = await docker.RunAsync("named", docker.Images.Postgres, "-v", $"{volume}:{Classic}");

        var test = await TestAsync(container);

        Assert.Equal((container, docker.Images.Postgres, Classic, volume), (test.Container, test.Image, test.PgData, test.Volume));
        Assert.Equal(MountKind.NamedVolume, test.MountKind);
        Assert.True(test.Survives);
        Assert.InRange(test.SizeBytes ?? 0, 10_000_000, 200_000_000);
        Assert.All(test.Checks.Where(c => c.Id is not ("free-space" or "content")), c => Assert.Equal(CheckState.Pass, c.State));
        Assert.Contains("driver local", Check(test, "volume").Evidence, StringComparison.Ordinal);
        Assert.Contains("of its disk are free", Check(test, "free-space").Evidence, StringComparison.Ordinal);
    }

    [RootFact]
    public Task Bind_mount_of_a_host_folder_passes() => docker.WithFolderAsync(async folder =>
    {
        var container = await docker.RunAsync("bind", docker.Images.Postgres, "-v", $"{folder}/data:{Classic}");
        var test = await TestAsync(container);
        await docker.DockerAsync("rm", "--force", container);

        Assert.Equal((MountKind.BindMount, $"{folder}/data", true), (test.MountKind, test.Volume, test.Survives));
        Assert.Equal(CheckState.Pass, Check(test, "mount").State);
    });

    [RootFact]
    public async Task An_anonymous_volume_fails()
    {
        var test = await TestAsync(await docker.RunAsync("anonymous", docker.Images.Postgres));

        Assert.Equal((MountKind.AnonymousVolume, CheckState.Fail, false), (test.MountKind, test.Verdict, test.Survives));
        Assert.Contains($"-v {test.Container}-data:{Classic}", Check(test, "mount").Remedy, StringComparison.Ordinal);
        Assert.Equal(CheckState.Warn, Check(test, "removal").State);
    }

    [RootFact]
    [Hazard("H16")]
    public async Task Data_in_the_container_layer_fails()
    {
        var test = await TestAsync(await docker.RunAsync("layer", docker.Images.NoVolume));

        Assert.Equal((MountKind.ContainerLayer, null, CheckState.Fail), (test.MountKind, test.Volume, test.Verdict));
        Assert.Equal(CheckState.Fail, Check(test, "mount").State);
    }

    [RootFact]
    public async Task Tmpfs_mount_fails()
    {
        var test = await TestAsync(await docker.RunAsync("tmpfs", docker.Images.Postgres, "--tmpfs", Classic));

        Assert.Equal((MountKind.Tmpfs, CheckState.Fail), (test.MountKind, Check(test, "mount").State));
        Assert.Equal(CheckState.Pass, Check(test, "data-directory").State);
    }

    [RootFact]
    public async Task Volume_with_tmpfs_driver_options_fails()
    {
        var volume = await docker.VolumeAsync("memory", "--opt", "type=tmpfs", "--opt", "device=tmpfs");
        var test = await TestAsync(await docker.CreateAsync("memory", docker.Images.Postgres, "-v", $"{volume}:{Classic}"));

        Assert.Equal((MountKind.NamedVolume, CheckState.Fail, false), (test.MountKind, Check(test, "volume").State, test.Survives));
    }

    [RootFact]
    public async Task Full_volume_fails_and_the_remedy_warns_against_deleting_files_in_the_data_directory()
    {
        var volume = await docker.VolumeAsync("full", "--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", "o=size=96m");
        var container = await docker.RunAsync("full", docker.Images.Postgres, "-v", $"{volume}:{Classic}");
        await docker.DockerAsync("exec", container, "sh", "-c", $"head -c 200M /dev/zero > {Classic}/filler 2>/dev/null || :");

        var test = await TestAsync(container);
        // Its server cannot write a checkpoint: it would crash and start again beside all the tests to come.
        await docker.DockerAsync("rm", "--force", container);

        Assert.Equal((CheckState.Fail, CheckState.Fail), (Check(test, "free-space").State, test.Verdict));
        Assert.Contains("0 B of its disk are free. The disk is full", Check(test, "free-space").Evidence, StringComparison.Ordinal);
        Assert.Contains("Do not delete files in the data directory", Check(test, "free-space").Remedy, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Volume_mounted_above_the_data_directory_is_hidden_by_the_image_volume_and_fails()
    {
        var volume = await docker.VolumeAsync("high");
        var test = await TestAsync(await docker.RunAsync("high", docker.Images.Postgres, "-v", $"{volume}:/var/lib/postgresql"));

        Assert.Equal((MountKind.AnonymousVolume, CheckState.Fail), (test.MountKind, Check(test, "mount-place").State));
        Assert.Contains($"{volume} is mounted too high", Check(test, "mount-place").Evidence, StringComparison.Ordinal);
        Assert.Contains($"-v {test.Container}-data:{Classic}", Check(test, "mount-place").Remedy, StringComparison.Ordinal);
    }

    /// <summary>A container that is made and not started: initdb would refuse a data directory that is not empty.</summary>
    [RootFact]
    public async Task Volume_mounted_below_the_data_directory_fails()
    {
        var volume = await docker.VolumeAsync("low");
        var test = await TestAsync(await docker.CreateAsync("low", docker.Images.Postgres, "-v", $"{volume}:{Classic}/pgdata"));

        Assert.Equal((MountKind.AnonymousVolume, CheckState.Fail), (test.MountKind, Check(test, "mount-place").State));
        Assert.Contains($"{volume} is mounted too low, at {Classic}/pgdata", Check(test, "mount-place").Evidence, StringComparison.Ordinal);
    }

    [RootFact]
    [Hazard("H15")]
    public async Task Mount_point_of_earlier_versions_fails_for_an_image_of_version_18()
    {
        var volume = await docker.VolumeAsync("eighteen-old");
        var test = await TestAsync(await docker.RunAsync("eighteen-old", TestImages.Eighteen, "-v", $"{volume}:{Classic}"));

        Assert.Equal(("/var/lib/postgresql/18/docker", MountKind.AnonymousVolume, CheckState.Fail), (test.PgData, test.MountKind, Check(test, "mount-place").State));
        Assert.Contains($"-v {test.Container}-data:/var/lib/postgresql ", Check(test, "mount-place").Remedy, StringComparison.Ordinal);
    }

    [RootFact]
    [Hazard("H15")]
    public async Task Data_of_an_earlier_version_is_found_on_the_volume_that_version_18_ignores()
    {
        var volume = await docker.VolumeAsync("upgraded");
        var old = await docker.RunAsync("before-18", docker.Images.Postgres, "-v", $"{volume}:{Classic}");
        await docker.DockerAsync("rm", "--force", old);

        var check = Check(await TestAsync(await docker.RunAsync("since-18", TestImages.Eighteen, "-v", $"{volume}:{Classic}")), "mount-place");

        Assert.Equal(CheckState.Fail, check.State);
        Assert.Contains($"a PostgreSQL {docker.Images.Major} cluster, most likely the previous data", check.Evidence, StringComparison.Ordinal);
        Assert.Contains($"Keep {volume}. Run an image of PostgreSQL {docker.Images.Major} with -v {volume}:{Classic}", check.Remedy, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Mount_point_of_version_18_passes_for_an_image_of_version_18()
    {
        var volume = await docker.VolumeAsync("eighteen");
        var test = await TestAsync(await docker.RunAsync("eighteen", TestImages.Eighteen, "-v", $"{volume}:/var/lib/postgresql"));

        Assert.Equal((MountKind.NamedVolume, volume), (test.MountKind, test.Volume));
        Assert.Equal((CheckState.Pass, CheckState.Pass), (Check(test, "mount").State, Check(test, "mount-place").State));
    }

    public static TheoryData<string, string, string, MountKind> Makers => Round.IsLong
        ? new()
        {
            { "Bitnami", "/bitnami/postgresql", "/bitnami/postgresql/data", MountKind.AnonymousVolume }, { "Timescale", "/home/postgres/pgdata", "/home/postgres/pgdata/data", MountKind.ContainerLayer },
            { "Supabase", Classic, Classic, MountKind.AnonymousVolume },
        }
        : new() { { "Timescale", "/home/postgres/pgdata", "/home/postgres/pgdata/data", MountKind.ContainerLayer } };

    /// <summary>Official images of other builds (Alpine, PostGIS) keep their data as <see cref="TestImages.Postgres"/> does.</summary>
    [RootTheory]
    [MemberData(nameof(Makers))]
    public async Task Third_party_images_are_recognised_with_and_without_a_volume(string maker, string mount, string data, MountKind without)
    {
        var image = maker switch { "Bitnami" => docker.Images.Bitnami, "Timescale" => docker.Images.Timescale, _ => docker.Images.Supabase };
        var volume = await docker.VolumeAsync(maker);
        var good = await TestAsync(await docker.RunAsync(maker + "-good", image, "-v", $"{volume}:{mount}"));
        var bad = await TestAsync(await docker.RunAsync(maker + "-bad", image));

        Assert.Equal((data, MountKind.NamedVolume, volume, true), (good.PgData, good.MountKind, good.Volume, good.Survives));
        Assert.All(good.Checks.Where(c => c.Id is "data-directory" or "mount" or "mount-place" or "version" or "collation"), c => Assert.Equal(CheckState.Pass, c.State));
        Assert.Equal((data, without, false), (bad.PgData, bad.MountKind, bad.Survives));
    }

    [RootFact]
    public async Task Two_running_containers_on_one_volume_fail()
    {
        var volume = await docker.VolumeAsync("shared");
        var first = await docker.RunAsync("shared-a", docker.Images.Postgres, "-v", $"{volume}:{Classic}");
        var second = await docker.CreateAsync("shared-b", docker.Images.Postgres, "-v", $"{volume}:{Classic}", "--entrypoint", "sleep");
        Assert.Equal(CheckState.Warn, Check(await TestAsync(first), "sole-use").State);
        await docker.DockerAsync("rm", second);
        // Only its being there counts: a second server would damage the cluster, as the check says.
        second = await docker.CreateAsync("shared-b", docker.Images.Postgres, "-v", $"{volume}:{Classic}", "--entrypoint", "cat", "--interactive");
        await docker.DockerAsync("start", second);

        var check = Check(await TestAsync(first), "sole-use");

        Assert.Equal(CheckState.Fail, check.State);
        Assert.Contains($"docker stop {second}", check.Remedy, StringComparison.Ordinal);
    }

    [RootFact]
    [Hazard("H18")]
    public async Task A_cluster_of_another_major_version_fails_before_the_container_is_started()
    {
        var volume = await docker.VolumeAsync("major");
        var old = await docker.RunAsync("major-old", docker.Images.Postgres, "-v", $"{volume}:{Classic}");
        await docker.DockerAsync("rm", "--force", old);
        var container = await docker.CreateAsync("major-new", docker.Images.NextMajor, "-v", $"{volume}:{Classic}");

        var check = Check(await TestAsync(container), "version");

        Assert.Equal(CheckState.Fail, check.State);
        Assert.Contains($"of PostgreSQL {docker.Images.Major}, the image {docker.Images.NextMajor} of {docker.Images.Major + 1}", check.Evidence, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Container_with_auto_remove_is_reported()
    {
        var volume = await docker.VolumeAsync("rm");
        var named = await TestAsync(await docker.CreateAsync("rm-named", docker.Images.Postgres, "--rm", "-v", $"{volume}:{Classic}"));
        var anonymous = await TestAsync(await docker.CreateAsync("rm-anonymous", docker.Images.Postgres, "--rm"));

        Assert.Equal((CheckState.Warn, true), (Check(named, "auto-remove").State, named.Survives));
        Assert.Equal(CheckState.Fail, Check(anonymous, "auto-remove").State);
    }

    [RootFact]
    public async Task Floating_image_tags_are_reported()
    {
        foreach (var image in new[] { TestImages.Latest, TestImages.Latest[..^":latest".Length], docker.Images.MajorTag })
        {
            var container = await docker.CreateAsync("tag", image);
            Assert.Equal(CheckState.Warn, Check(await TestAsync(container), "tag").State);
            await docker.DockerAsync("rm", "--volumes", container);
        }
    }

    [RootFact]
    public async Task Stopped_container_is_checked_by_its_mounts()
    {
        var volume = await docker.VolumeAsync("stopped");
        var container = await docker.RunAsync("stopped", docker.Images.Postgres, "-v", $"{volume}:{Classic}");
        await docker.DockerAsync("stop", container);

        var test = await TestAsync(container);

        Assert.Equal((CheckState.Warn, true), (test.Verdict, test.Survives));
        Assert.InRange(test.SizeBytes ?? 0, 10_000_000, 200_000_000);
        Assert.Equal((CheckState.Warn, CheckState.Pass), (Check(test, "container").State, Check(test, "free-space").State));
        Assert.Equal((CheckState.Pass, CheckState.Pass), (Check(test, "mount").State, Check(test, "version").State));
    }

    [RootFact]
    public async Task Compose_project_is_reported_and_a_volume_of_another_project_is_a_warning()
    {
        var volume = await docker.VolumeAsync("compose", "--label", "com.docker.compose.project=shop");
        string[] options = ["-v", $"{volume}:{Classic}", "--label", "com.docker.compose.service=db", "--label"];
        var same = await TestAsync(await docker.CreateAsync("compose-a", docker.Images.Postgres, [.. options, "com.docker.compose.project=shop"]));
        var other = await TestAsync(await docker.CreateAsync("compose-b", docker.Images.Postgres, [.. options, "com.docker.compose.project=shop2"]));

        Assert.Equal((CheckState.Pass, CheckState.Warn), (Check(same, "compose").State, Check(other, "compose").State));
        Assert.Contains("docker compose -p shop down -v", Check(same, "removal").Evidence, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Container_without_PostgreSQL_has_verdict_unknown()
    {
        var test = await TestAsync(await docker.CreateAsync("app", TestImages.App));

        Assert.Equal((CheckState.Unknown, null, false), (test.Verdict, test.MountKind, test.Survives));
        Assert.Contains("neither PGDATA nor PG_MAJOR", Check(test, "postgres").Evidence, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Unknown_container_is_an_error_that_suggests_similar_names()
    {
        var container = await docker.CreateAsync("shop-database", TestImages.App);

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => TestAsync(container[..^3] + "sae"));

        Assert.Equal("DBS504", error.Code);
        Assert.Equal($"Did you mean {container}?", error.Hint);
    }

    private static VolumeCheck Check(DockerVolumeTest test, string id) => Assert.Single(test.Checks, c => c.Id == id);

    private async Task<DockerVolumeTest> TestAsync(string container) =>
        Assert.Single(await new TestDockerVolume().RunAsync(new DockerVolumeRequest(container) { DockerHost = docker.Address.Text }, OperationEvents.None, CancellationToken.None));
}
