using DbSafety.Databases.Connections;
using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes;
using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Core.Tests.Docker;

/// <summary>Situations that need facts a test engine does not give.</summary>
public sealed class VolumeChecksTests
{
    private static readonly VolumeFacts Good = Containers.Facts(Containers.Postgres(mounts: Containers.Volume("shop-data", Containers.Classic)));

    [Fact]
    public void Every_check_passes_for_a_correct_configuration()
    {
        var test = TestDockerVolume.Judge(Good);
        Assert.All(test.Checks, c => Assert.Equal(CheckState.Pass, c.State));
        Assert.Equal((CheckState.Pass, true, 1L << 30), (test.Verdict, test.Survives, test.SizeBytes));
    }

    [Fact]
    public void Ids_are_stable_and_unique()
    {
        var facts = Good with
        {
            Container = Good.Container with { Config = Good.Container.Config! with { Labels = new Dictionary<string, string> { ["com.docker.compose.project"] = "shop" } } },
            App = new AppTarget(".env", new DatabaseTarget { Host = "shop-db", Username = "u", Database = "shop" }, ["shop"], null),
        };
        Assert.Equal(
            ["container", "data-directory", "mount", "mount-place", "volume", "free-space", "sole-use", "version", "tag", "auto-remove", "compose", "removal", "left-behind", "app-target"],
            TestDockerVolume.Judge(facts).Checks.Select(c => c.Id));
    }

    [Fact]
    public void Every_warning_and_failed_check_has_a_remedy()
    {
        VolumeFacts[] bad =
        [
            Containers.Facts(Containers.Postgres("postgres", mounts: Containers.Volume(Containers.Hex, Containers.Classic)) with { HostConfig = new ContainerHostConfig { AutoRemove = true } }),
            Containers.Facts(Containers.Postgres("postgres:16", mounts: [])) with { ClusterVersion = null },
            Good with { ClusterVersion = "15", Volume = null, Space = new VolumeSpace(1L << 40, 1, null), Users = [new VolumeUser("twin", true, true, true)] },
        ];
        var checks = bad.SelectMany(f => TestDockerVolume.Judge(f).Checks).Where(c => c.State is CheckState.Warn or CheckState.Fail).ToList();
        Assert.Superset(
            new HashSet<string> { "data-directory", "mount", "volume", "free-space", "sole-use", "version", "tag", "auto-remove", "removal" }, checks.Select(c => c.Id).ToHashSet());
        Assert.All(checks, c => Assert.False(string.IsNullOrEmpty(c.Remedy), c.Id));
        Assert.All(checks, c => Assert.DoesNotContain("{", c.Evidence + c.Remedy, StringComparison.Ordinal));
    }

    [Fact]
    public void A_volume_mounted_below_the_data_directory_fails_the_check()
    {
        var check = Check(Containers.Facts(Containers.Postgres(mounts: [Containers.Volume(Containers.Hex, Containers.Classic), Containers.Volume("shop-data", Containers.Classic + "/base")])), "mount-place");
        Assert.Equal(CheckState.Fail, check.State);
        Assert.Contains("too low", check.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void The_URL_of_the_application_does_not_affect_whether_the_data_survives()
    {
        var target = new DatabaseTarget { Host = "elsewhere", Username = "u", Database = "shop" };
        var test = TestDockerVolume.Judge(Good with { App = new AppTarget(".env", target, null, null) });
        Assert.Equal((CheckState.Fail, true), (test.Verdict, test.Survives));
    }

    [Fact]
    public void A_mount_for_another_purpose_is_not_treated_as_the_data_mount() =>
        Assert.DoesNotContain(TestDockerVolume.Judge(Containers.Facts(Containers.Postgres(mounts: Containers.Bind("/srv/init", "/docker-entrypoint-initdb.d")))).Checks, c => c.Id == "mount-place");

    [Theory]
    [InlineData(true, true, true, CheckState.Fail)]
    [InlineData(true, true, false, CheckState.Warn)]
    [InlineData(true, false, false, CheckState.Pass)]
    [InlineData(false, true, true, CheckState.Warn)]
    [InlineData(false, true, false, CheckState.Pass)]
    public void Other_containers_on_the_volume_are_rated_by_their_access_to_the_data(bool running, bool writes, bool server, CheckState state) =>
        Assert.Equal(state, Check(Good with { Users = [new VolumeUser("other", running, writes, server)] }, "sole-use").State);

    [Theory]
    [InlineData("1.41", "docker volume prune would")]
    [InlineData("1.42", "docker volume prune --all would")]
    public void The_prune_command_that_removes_the_volume_depends_on_the_engine_version(string api, string text) =>
        Assert.Contains(text, Check(Good with { EngineVersion = Good.EngineVersion with { ApiVersion = Version.Parse(api) } }, "removal").Evidence, StringComparison.Ordinal);

    [Fact]
    public void The_password_of_a_network_volume_is_not_shown()
    {
        var options = new Dictionary<string, string> { ["type"] = "cifs", ["o"] = "username=a,password=hunter2", ["device"] = "//nas/pg" };
        var check = Check(Good with { Volume = new VolumeDetails { Name = "shop-data", Driver = "local", Options = options } }, "volume");
        Assert.Equal(CheckState.Warn, check.State);
        Assert.DoesNotContain("hunter2", check.Evidence, StringComparison.Ordinal);
        Assert.Contains("device=//nas/pg", check.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", 5433, "127.0.0.1", CheckState.Pass)]
    [InlineData("127.0.0.1", 5433, "0.0.0.0", CheckState.Pass)]
    [InlineData("localhost", 5433, "10.0.0.5", CheckState.Fail)]
    [InlineData("10.0.0.5", 5433, "10.0.0.5", CheckState.Pass)]
    [InlineData("localhost", 5432, "127.0.0.1", CheckState.Fail)]
    [InlineData("shop-db", 5432, "127.0.0.1", CheckState.Pass)]
    [InlineData("db", 5432, "127.0.0.1", CheckState.Pass)]
    [InlineData("db", 5433, "127.0.0.1", CheckState.Fail)]
    [InlineData("172.18.0.2", 5432, "127.0.0.1", CheckState.Pass)]
    [InlineData("db.example.com", 5433, "0.0.0.0", CheckState.Unknown)]
    [InlineData("db.example.com", 5432, "0.0.0.0", CheckState.Fail)]
    [InlineData("/var/run/postgresql", 5432, "0.0.0.0", CheckState.Fail)]
    public void The_check_detects_whether_a_URL_connects_to_the_container(string host, int port, string published, CheckState state)
    {
        var container = Good.Container with
        {
            NetworkSettings = new ContainerNetworks
            {
                Ports = new Dictionary<string, IReadOnlyList<HostPort>?> { ["5432/tcp"] = [new HostPort { HostIp = published, Port = "5433" }] },
                Networks = new Dictionary<string, ContainerNetwork> { ["n"] = new() { Aliases = ["db"], IPAddress = "172.18.0.2" } },
            },
        };
        var target = new DatabaseTarget { Host = host, Port = port, Username = "u", Password = "hunter2", Database = "shop" };
        var check = Check(Good with { Container = container, App = new AppTarget(".env", target, ["shop"], null) }, "app-target");
        Assert.Equal(state, check.State);
        Assert.DoesNotContain("hunter2", check.Evidence + check.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void The_existence_of_a_database_in_a_stopped_container_is_unknown()
    {
        var app = new AppTarget(".env", new DatabaseTarget { Host = "shop-db", Username = "u", Database = "postgres" }, null, "the container is not running");
        var check = Check(Good with { App = app }, "app-target");
        Assert.Equal(CheckState.Unknown, check.State);
        Assert.Contains("The container was created with that name", check.Evidence, StringComparison.Ordinal);
    }

    /// <summary>A stopped container of another machine cannot be asked.</summary>
    [Fact]
    public void Data_on_an_unknown_file_system_is_not_reported_as_safe()
    {
        var folder = Containers.Facts(Containers.Postgres(mounts: Containers.Bind("/srv/pg", Containers.Classic))) with { FileSystem = new DataFileSystem(null, "it can be read only while the container runs") };
        Assert.Equal(CheckState.Unknown, Check(folder, "mount").State);
        Assert.Contains("stat -f -c %T /srv/pg", Check(folder, "mount").Remedy, StringComparison.Ordinal);
        Assert.Equal(CheckState.Pass, Check(folder with { FileSystem = new DataFileSystem("xfs") }, "mount").State);
    }

    [Theory]
    [InlineData("/data", "tmpfs")]
    [InlineData("/data/sub", "ext4")]
    [InlineData("/data/with blank/x", "ramfs")]
    [InlineData("/database", "overlay")]
    public void The_file_system_type_is_the_type_of_the_nearest_mount(string path, string type) => Assert.Equal(type, MountTable.TypeOf(
        "1 0 0:1 / / rw - overlay overlay rw\n2 1 0:2 / /data rw shared:1 - ext4 /dev/a rw\n3 2 0:3 /x /data rw,relatime - tmpfs tmpfs rw\n4 3 0:4 / /data/sub rw - ext4 /dev/b rw\n5 3 0:5 / /data/with\\040blank rw - ramfs none rw\n", path));

    private static VolumeCheck Check(VolumeFacts facts, string id) => Assert.Single(TestDockerVolume.Judge(facts).Checks, c => c.Id == id);
}
