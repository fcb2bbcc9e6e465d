using System.Diagnostics;
using DbSafety.Docker.Engine;
using DbSafety.Errors;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Docker;

[Collection(DockerEngineCollection.Name)]
public sealed class ScratchContainerTests(DockerEngineFixture docker) : IDisposable
{
    private readonly DockerEngine engine = new(docker.Address);

    private ScratchContainerRequest Request => new() { Image = docker.Images.Postgres, Engine = docker.Address };

    public void Dispose() => engine.Dispose();

    [RootFact]
    public async Task Temporary_container_connects_as_superuser_and_is_removed_with_its_volume_on_dispose()
    {
        var before = await VolumesAsync();
        await using (var server = await ScratchContainer.StartAsync(Request, new RecordedEvents(), CancellationToken.None))
        {
            Assert.Equal((docker.Images.Major, $"a temporary container of {docker.Images.Postgres}"), (server.Major, server.Description));
            Assert.Equal("on", await PgServer.ScalarAsync<string>(server.Target, "SELECT current_setting('is_superuser')"));
            Assert.Equal("off", await PgServer.ScalarAsync<string>(server.Target, "SHOW fsync"));
            Assert.Single(await OwnAsync());
        }

        Assert.Empty(await OwnAsync());
        Assert.Equal(before, await VolumesAsync());
    }

    [RootFact]
    public async Task Local_image_is_selected_by_major_version()
    {
        await using var server = await ScratchContainer.StartAsync(Request with { Image = null, Major = docker.Images.Major }, new RecordedEvents(), CancellationToken.None);
        Assert.Equal(docker.Images.Major, server.Major);
    }

    [RootFact]
    public async Task Missing_image_is_an_error_and_leaves_no_container()
    {
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => ScratchContainer.StartAsync(Request with { Image = "no/such-image:1", Major = 15 }, new RecordedEvents(), CancellationToken.None));
        Assert.Equal(("DBS511", 5), (error.Code, error.ExitCode));
        // This engine reaches no registry: what is neither here nor pulled is said.
        var pulled = await Assert.ThrowsAsync<DbSafetyException>(() => engine.PullImageAsync("127.0.0.1:1/no/such-image:1", _ => { }, CancellationToken.None));
        Assert.Equal("DBS511", pulled.Code);
        Assert.Empty(await OwnAsync());
    }

    [RootFact]
    public async Task Server_that_does_not_start_is_an_error_with_its_log_and_leaves_no_container()
    {
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => ScratchContainer.StartAsync(Request with { Settings = ["no_such_setting=1"] }, new RecordedEvents(), CancellationToken.None));
        Assert.Equal("DBS116", error.Code);
        Assert.Contains("no_such_setting", error.Message, StringComparison.Ordinal);
        Assert.Empty(await OwnAsync());
    }

    [RootFact]
    [Hazard("H25")]
    public async Task Cancellation_while_the_temporary_container_starts_leaves_no_container()
    {
        using var stop = new CancellationTokenSource();
        var starting = ScratchContainer.StartAsync(Request, new RecordedEvents(), stop.Token);
        await foreach (var happened in engine.EventsAsync(DateTimeOffset.UtcNow.AddSeconds(-1), CancellationToken.None))
        {
            if (happened is { Type: "container", Action: "start" })
                break;
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        Assert.Empty(await OwnAsync());
    }

    [RootFact]
    public async Task Abandoned_temporary_container_is_removed_and_reported_by_the_next_run()
    {
        using var dead = Process.Start("sleep", "0");
        await dead.WaitForExitAsync();
        var abandoned = await docker.CreateAsync(
            "abandoned", docker.Images.Postgres, "--label", $"dbsafety.scratch={dead.Id} 0", "--label", $"dbsafety.scratch.machine={Environment.MachineName}");
        var others = await docker.CreateAsync("of-others", docker.Images.Postgres, "--label", $"dbsafety.scratch={dead.Id} 0", "--label", "dbsafety.scratch.machine=elsewhere");

        var events = new RecordedEvents();
        await using var next = await ScratchContainer.StartAsync(Request, events, CancellationToken.None);

        Assert.Null(await engine.InspectContainerAsync(abandoned, CancellationToken.None));
        Assert.NotNull(await engine.InspectContainerAsync(others, CancellationToken.None));
        await engine.RemoveContainerAsync(others, CancellationToken.None);
        Assert.Contains($"removed temporary container {abandoned}", events.Text, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<string>> OwnAsync() =>
        [.. (await engine.ListContainersAsync(CancellationToken.None)).Where(c => c.Label("dbsafety.scratch")?.StartsWith($"{Environment.ProcessId} ", StringComparison.Ordinal) == true).Select(c => c.Name)];

    private async Task<IReadOnlyList<string>> VolumesAsync() => [.. (await engine.ListVolumesAsync(CancellationToken.None)).Select(v => v.Name).Order(StringComparer.Ordinal)];
}
