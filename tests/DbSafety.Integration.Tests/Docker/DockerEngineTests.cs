using System.Text;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Errors;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Docker;

[Collection(DockerEngineCollection.Name)]
public sealed class DockerEngineTests(DockerEngineFixture docker) : IDisposable
{
    private readonly DockerEngine engine = new(docker.Address);

    public void Dispose() => engine.Dispose();

    [RootFact]
    public async Task API_version_is_negotiated_with_the_engine()
    {
        var version = await engine.VersionAsync(CancellationToken.None);
        Assert.InRange(version.Agreed, EngineClient.Oldest, EngineClient.Newest);
        Assert.True(version.Agreed <= version.ApiVersion);
    }

    [RootFact]
    public async Task Permission_denied_on_the_socket_shows_the_required_group()
    {
        // This checkout may be where nobody else can enter, such as below root's home.
        using var folder = new TempFolder();
        const UnixFileMode Open = (UnixFileMode)0b111_101_101;
        File.SetUnixFileMode(folder.Path, Open);
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            var copy = Path.Combine(folder.Path, Path.GetFileName(file));
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, Open);
        }

        string[] command = ["--reuid=65534", "--regid=65534", "--clear-groups", "dotnet", Path.Combine(folder.Path, "dbsafety.dll"), "volume", "find"];
        var environment = new Dictionary<string, string?> { ["DOCKER_HOST"] = docker.Address.Text, ["HOME"] = "/tmp" };
        var result = await ToolProcess.RunAsync(new ToolCommand("setpriv", command) { Environment = environment }, CancellationToken.None);
        Assert.True(result.ExitCode == 5 && result.Error.Contains("error DBS502: permission denied on the Docker engine", StringComparison.Ordinal), result.Error);
        Assert.Contains("member of the group docker", result.Error, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Image_is_pulled_from_its_registry_and_a_missing_image_is_an_error()
    {
        using var registry = new ImageRegistry(TemporaryEngine.FreePort());
        var reported = new List<PullProgress>();
        await engine.PullImageAsync($"{registry.Name}:1", reported.Add, CancellationToken.None);
        Assert.NotNull(await engine.InspectImageAsync($"{registry.Name}:1", CancellationToken.None));
        Assert.Contains(reported, p => p.Id is not null && p.Status == "Pull complete");
        await docker.DockerAsync("rmi", $"{registry.Name}:1");

        foreach (var image in new[] { $"{registry.Name}:2", $"127.0.0.1:{TemporaryEngine.FreePort()}/shop/tiny:1" })
            Assert.Equal("DBS511", (await Assert.ThrowsAsync<DbSafetyException>(() => engine.PullImageAsync(image, reported.Add, CancellationToken.None))).Code);
    }

    [RootFact]
    public async Task Program_in_a_container_returns_stdout_stderr_and_exit_code()
    {
        var target = await docker.StartPostgresAsync("exec");
        var result = await engine.ExecAsync(
            new ExecRequest(target.Container!, "sh", "-c", "printf 'a\\nö'; printf \"$WORD\" >&2; exit 42") { Environment = new Dictionary<string, string> { ["WORD"] = "b" } },
            CancellationToken.None);
        Assert.Equal(new ExecResult(42, "a\nö", "b"), result);

        var large = await engine.ExecAsync(new ExecRequest(target.Container!, "psql", "-U", "postgres", "-XAtc", "SELECT repeat('x', 3000000)"), CancellationToken.None);
        Assert.Equal(3_000_001, large.Output.Length);

        var missing = await Record.ExceptionAsync(() => engine.ExecAsync(new ExecRequest(target.Container!, "no-such-program"), CancellationToken.None));
        Assert.True(missing is null or DbSafetyException { Code: "DBS507" });

        await docker.DockerAsync("stop", target.Container!);
        var stopped = await Assert.ThrowsAsync<DbSafetyException>(() => engine.ExecAsync(new ExecRequest(target.Container!, "id"), CancellationToken.None));
        Assert.Equal("DBS506", stopped.Code);
    }

    [RootFact]
    public async Task File_is_read_from_a_stopped_container()
    {
        var container = await docker.CreateAsync("archive", docker.Images.Postgres);
        var passwd = await engine.ReadFileAsync(container, "/etc/passwd", CancellationToken.None);
        Assert.StartsWith("root:", Encoding.ASCII.GetString(passwd!), StringComparison.Ordinal);
        Assert.Null(await engine.ReadFileAsync(container, "/no/such/file", CancellationToken.None));
        Assert.Null(await engine.ReadFileAsync(container, "/etc", CancellationToken.None));
    }

    [RootFact]
    public async Task Inspecting_a_missing_container_image_or_volume_returns_null()
    {
        Assert.Null(await engine.InspectContainerAsync("no-such-container", CancellationToken.None));
        Assert.Null(await engine.InspectImageAsync("no/such-image:1", CancellationToken.None));
        Assert.Null(await engine.InspectVolumeAsync("no-such-volume", CancellationToken.None));
    }

    [RootFact]
    public async Task Images_and_volumes_are_listed_and_inspected()
    {
        var image = await engine.InspectImageAsync(docker.Images.Postgres, CancellationToken.None);
        Assert.Contains("/var/lib/postgresql/data", image!.Config!.Volumes!.Keys);
        var volume = await docker.VolumeAsync("listed", "--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", "o=size=1m");
        Assert.Contains(await engine.ListVolumesAsync(CancellationToken.None), v => v.Name == volume);
        Assert.Equal("size=1m", (await engine.InspectVolumeAsync(volume, CancellationToken.None))!.Options!["o"]);
    }
}
