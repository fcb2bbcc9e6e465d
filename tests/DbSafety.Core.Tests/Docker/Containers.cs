using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Core.Tests.Docker;

/// <summary>Containers and facts as an engine would tell them.</summary>
internal static class Containers
{
    public const string Classic = "/var/lib/postgresql/data";
    public static readonly string Hex = new('a', 64);

    public static ContainerDetails Postgres(string image = "postgres:16.4", string[]? env = null, params ContainerMount[] mounts) => new()
    {
        Id = new string('1', 64),
        Name = "/shop-db",
        State = new ContainerState { Status = "running", Running = true },
        Config = new ContainerConfig { Image = image, Env = env ?? ["PG_MAJOR=16", $"PGDATA={Classic}"] },
        HostConfig = new ContainerHostConfig(),
        Mounts = mounts,
    };

    public static ContainerMount Volume(string name, string destination) =>
        new() { Type = "volume", Name = name, Source = $"/var/lib/docker/volumes/{name}/_data", Destination = destination, Driver = "local", RW = true };

    public static ContainerMount Bind(string source, string destination) => new() { Type = "bind", Source = source, Destination = destination, RW = true };

    public static VolumeFacts Facts(ContainerDetails container)
    {
        var layout = PgLayout.Of(container)!;
        var mount = DataMount.Of(container, layout.DataDirectory);
        return new VolumeFacts
        {
            Container = container,
            Layout = layout,
            Mount = mount,
            Engine = EngineAddress.Parse("unix:///var/run/docker.sock"),
            EngineVersion = new EngineVersion("28.3", new Version(1, 51), new Version(1, 24), new Version(1, 51), "linux"),
            Volume = mount.Kind is MountKind.NamedVolume or MountKind.AnonymousVolume ? new VolumeDetails { Name = mount.Source!, Driver = "local" } : null,
            FileSystem = new DataFileSystem("ext4"),
            ClusterVersion = "16",
            Misplaced = !mount.IsLasting && MisplacedMount.Find(container, layout.DataDirectory) is { } meant ? new MisplacedMount(meant, null) : null,
            Space = new VolumeSpace(1L << 30, 20L << 30, null),
        };
    }
}
