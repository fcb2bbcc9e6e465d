using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Docker.Targets;
using DbSafety.Docker.Volumes;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>Does the app's DATABASE_URL lead to the container?</summary>
[Collection(DockerEngineCollection.Name)]
public sealed class DockerVolumeAppTests(DockerEngineFixture docker) : IAsyncLifetime
{
    private DatabaseTarget shop = null!;

    public async ValueTask InitializeAsync() => shop = await docker.StartPostgresAsync("app-" + Guid.NewGuid().ToString("N")[..6]);

    public async ValueTask DisposeAsync() => await docker.DockerAsync("rm", "--force", "--volumes", shop.Container!);

    [RootFact]
    public async Task Application_URL_with_the_published_port_and_an_existing_database_passes()
    {
        var check = await CheckAsync($"postgres://postgres:x@localhost:{shop.Port}/shop?schema=public");
        Assert.Equal(CheckState.Pass, check.State);
        Assert.DoesNotContain(":x@", check.Evidence, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Application_URL_with_the_container_name_as_host_passes() =>
        Assert.Equal(CheckState.Pass, (await CheckAsync($"postgres://postgres:x@{shop.Container}:5432/shop")).State);

    [RootFact]
    public async Task Application_URL_with_a_missing_database_fails_and_existing_databases_are_listed()
    {
        var check = await CheckAsync($"postgres://postgres:x@localhost:{shop.Port}/shoop");
        Assert.Equal((CheckState.Fail, "Existing databases: postgres, shop."), (check.State, check.Remedy));
    }

    [RootFact]
    public async Task Application_URL_with_another_port_fails_and_shows_the_published_port()
    {
        var check = await CheckAsync("postgres://postgres:x@localhost:1/shop");
        Assert.Equal(CheckState.Fail, check.State);
        Assert.Contains($"127.0.0.1:{shop.Port}", check.Remedy, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Application_URL_of_another_container_fails_and_shows_that_container()
    {
        var other = await docker.StartPostgresAsync("elsewhere");
        var check = await CheckAsync($"postgres://postgres:x@127.0.0.1:{other.Port}/shop");
        await docker.DockerAsync("rm", "--force", "--volumes", other.Container!);

        Assert.Equal(CheckState.Fail, check.State);
        Assert.Contains(other.Container!, check.Evidence, StringComparison.Ordinal);
    }

    private async Task<VolumeCheck> CheckAsync(string url)
    {
        var request = new DockerVolumeRequest(shop.Container!) { DockerHost = docker.Address.Text, EnvFile = docker.EnvFile(url) };
        var test = Assert.Single(await new TestDockerVolume().RunAsync(request, OperationEvents.None, CancellationToken.None));
        return Assert.Single(test.Checks, c => c.Id == "app-target");
    }
}
