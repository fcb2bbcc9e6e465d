using System.Text.Json;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>Compose projects that the real docker-compose made.</summary>
[Collection(DockerEngineCollection.Name)]
public sealed class ComposeFileTests(DockerEngineFixture docker)
{
    private const string Classic = "/var/lib/postgresql/data";

    [RootFact]
    public Task Every_database_of_a_compose_file_is_tested_and_one_without_a_volume_fails() => WithProjectAsync("shop", async file =>
    {
        await docker.ComposeAsync(file, "up", "-d");

        var result = await VolumeAsync("test", file, "--json");

        Assert.Equal(3, result.ExitCode);
        var tests = JsonDocument.Parse(result.Output).RootElement.EnumerateArray().ToDictionary(t => t.GetProperty("Container").GetString()!.Split('_', '-')[^2], t => t);
        Assert.Equal(["careless", "main"], tests.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("NamedVolume", tests["main"].GetProperty("MountKind").GetString());
        Assert.Equal("AnonymousVolume", tests["careless"].GetProperty("MountKind").GetString());
        Assert.Equal("Fail", tests["careless"].GetProperty("Verdict").GetString());
        Assert.Contains("docker compose -p shop", tests["main"].GetProperty("Checks").ToString(), StringComparison.Ordinal);
    });

    /// <summary>The volume of before stays, and compose makes a new empty one: nothing says so, until one looks.</summary>
    [RootFact]
    public Task A_renamed_project_is_noticed_and_its_data_is_backed_up_with_two_commands_H16() => WithProjectAsync("before", async file =>
    {
        await docker.ComposeAsync(file, "up", "-d", "main");
        var before = await ContainerAsync("before");
        await docker.ReadyAsync(before);
        await docker.DockerAsync("exec", before, "psql", "-qU", "postgres", "shop", "-c", SampleSql.Shop);
        await docker.ComposeAsync(file, "down");
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(file)!, ".env"), "COMPOSE_PROJECT_NAME=after\n");
        await docker.ComposeAsync(file, "up", "-d", "main");
        await docker.ReadyAsync(await ContainerAsync("after"));

        var test = await VolumeAsync("test", file, "--json");
        Assert.Equal(3, test.ExitCode);
        var content = Assert.Single(JsonDocument.Parse(test.Output).RootElement[0].GetProperty("Checks").EnumerateArray(), c => c.GetProperty("Id").GetString() == "content");
        Assert.Equal("Fail", content.GetProperty("State").GetString());
        Assert.Contains("the volume before_data of the compose project before", content.GetProperty("Evidence").GetString(), StringComparison.Ordinal);

        using var folder = new TempFolder();
        var found = Assert.Single(
            JsonDocument.Parse((await VolumeAsync("find", "--orphaned", "--json")).Output).RootElement.EnumerateArray(), v => v.GetProperty("Volume").GetString() == "before_data");
        string[] command = found.GetProperty("BackUp").GetString()!.Split(' ');
        var backup = await Dbsafety.RunAsync(Environment, [.. command[1..^1], folder.Path, "--json"]);
        Assert.True(backup.ExitCode == 0, backup.Error);
        Assert.Equal(623, JsonDocument.Parse(backup.Output).RootElement[0].GetProperty("Rows").GetInt64());
        await docker.ComposeAsync(file, "-p", "after", "down", "-v");
    });

    [RootFact]
    public Task A_file_whose_project_is_not_up_names_the_containers_that_other_projects_have() => WithProjectAsync("moved", async file =>
    {
        var nothing = await VolumeAsync("test", file);
        Assert.Equal(5, nothing.ExitCode);
        Assert.Contains($"error DBS531: no container of a database was made from {file} (its project would be called moved)", nothing.Error, StringComparison.Ordinal);
        Assert.Contains("dbsafety volume find", nothing.Error, StringComparison.Ordinal);

        await docker.ComposeAsync(file, "-p", "elsewhere", "up", "-d", "main");
        using var folder = new TempFolder();
        var copy = Path.Combine(folder.Path, "compose.yaml");
        File.Copy(file, copy);
        Assert.Contains($"Other projects have databases of the same service: {await ContainerAsync("elsewhere")}.", (await VolumeAsync("test", copy)).Error, StringComparison.Ordinal);
        Assert.Contains("NamedVolume", (await VolumeAsync("test", file, "--json")).Output, StringComparison.Ordinal);
        await docker.ComposeAsync(file, "-p", "elsewhere", "down", "-v");
    });

    [RootTheory]
    [InlineData("services: [", "line 2:")]
    [InlineData("volumes: {}", "it has no services")]
    [InlineData(null, "Could not find file")]
    public async Task What_is_no_compose_file_is_a_usage_error(string? text, string reason)
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "docker-compose.yml");
        if (text is not null)
            await File.WriteAllTextAsync(file, text);

        var result = await VolumeAsync("test", file);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("error DBS530: ", result.Error, StringComparison.Ordinal);
        Assert.True(result.Error.Contains(reason, StringComparison.Ordinal), result.Error);
    }

    private Dictionary<string, string?> Environment => new() { ["DOCKER_HOST"] = docker.Address.Text, ["COMPOSE_PROJECT_NAME"] = null };

    private Task<DbsafetyResult> VolumeAsync(params string[] arguments) => Dbsafety.RunAsync(Environment, ["volume", .. arguments]);

    private Task<string> ContainerAsync(string project) =>
        docker.DockerAsync("ps", "--filter", $"label=com.docker.compose.project={project}", "--filter", "label=com.docker.compose.service=main", "--format", "{{.Names}}");

    /// <summary>A folder with a compose file: a database on a volume, one without, and an app.</summary>
    private async Task WithProjectAsync(string name, Func<string, Task> work)
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "docker-compose.yml");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, ".env"), $"COMPOSE_PROJECT_NAME={name}\n");
        await File.WriteAllTextAsync(file, $$"""
            version: "3.8"
            services:
              main:
                image: {{docker.Images.Postgres}}
                environment: {POSTGRES_PASSWORD: x, POSTGRES_DB: shop}
                volumes: ["data:{{Classic}}"]
              careless:
                image: {{docker.Images.Postgres}}
                environment: {POSTGRES_PASSWORD: x}
              app:
                image: {{TestImages.App}}
            volumes:
              data:
            """);
        try
        {
            await work(file);
        }
        finally
        {
            await docker.ComposeAsync(file, "-p", name, "down", "-v");
        }
    }
}
