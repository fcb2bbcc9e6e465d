using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Mounts;

namespace DbSafety.Core.Tests.Docker;

public sealed class DataMountTests
{
    private const string Classic = Containers.Classic;

    [Fact]
    public void The_mount_nearest_to_the_data_directory_is_used()
    {
        var container = Containers.Postgres(mounts: [Containers.Volume("high", "/var/lib/postgresql"), Containers.Volume(Containers.Hex, Classic + "/")]);
        Assert.Equal(new DataMount(MountKind.AnonymousVolume, Classic, Containers.Hex, AskedFor: false), DataMount.Of(container, Classic));
        Assert.Equal("high", DataMount.Of(container, "/var/lib/postgresql/16/docker").Source);
    }

    [Fact]
    public void A_mount_point_with_a_common_name_prefix_is_a_different_folder() =>
        Assert.Equal(MountKind.ContainerLayer, DataMount.Of(Containers.Postgres(mounts: Containers.Volume("v", "/var/lib/postgresql/dat")), Classic).Kind);

    [Fact]
    public void A_mount_below_the_data_directory_is_not_the_data_mount() =>
        Assert.Equal(MountKind.ContainerLayer, DataMount.Of(Containers.Postgres(mounts: Containers.Volume("v", Classic + "/base")), Classic).Kind);

    [Fact]
    public void An_anonymous_volume_that_Compose_carried_over_is_detected_as_anonymous()
    {
        var container = Containers.Postgres(mounts: Containers.Volume(Containers.Hex, Classic)) with { HostConfig = new ContainerHostConfig { Binds = [$"{Containers.Hex}:{Classic}:rw"] } };
        Assert.Equal((MountKind.AnonymousVolume, true), (DataMount.Of(container, Classic).Kind, DataMount.Of(container, Classic).AskedFor));
    }

    [Fact]
    public void The_tmpfs_option_and_a_tmpfs_mount_are_both_detected()
    {
        var option = Containers.Postgres() with { HostConfig = new ContainerHostConfig { Tmpfs = new Dictionary<string, string> { [Classic] = "size=1g" } } };
        var mount = Containers.Postgres(mounts: new ContainerMount { Type = "tmpfs", Destination = "/var/lib/postgresql" });
        Assert.All([option, mount], c => Assert.Equal(MountKind.Tmpfs, DataMount.Of(c, Classic).Kind));
    }

    [Fact]
    public void A_folder_of_a_Windows_host_is_a_bind_mount() =>
        Assert.Equal(new DataMount(MountKind.BindMount, Classic, @"C:\data\pg", AskedFor: true), DataMount.Of(Containers.Postgres(mounts: Containers.Bind(@"C:\data\pg", Classic)), Classic));
}
