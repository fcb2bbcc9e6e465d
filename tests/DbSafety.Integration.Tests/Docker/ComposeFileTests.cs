using System.Text.Json;
using DbSafety.Docker.Mounts;
using DbSafety.Docker.Targets;
using DbSafety.Docker.Volumes;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Integration.Tests.Rounds;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>Compose projects that the real docker-compose made.</summary>
[Collection(DockerEngineCollection.Name)]
public sealed class ComposeFileTests(DockerEngineFixture docker)
{
    private const string Classic = "/var/lib/postgresql/data";

    [RootFact]
    public Task Every_database_of_a_compose_file_is_tested_and_a_database_without_a_named_volume_fails() => WithProjectAsync("shop", async file =>
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
    [LongFact(needsRoot: true)]
    [Hazard("H16")]
    public Task Renamed_compose_project_is_detected_and_its_data_is_backed_up_with_two_commands() => WithProjectAsync("before", async file =>
    {
        await docker.ComposeAsync(file, "up", "-d", "main", "app");
        var before = await ContainerAsync("before");
        await docker.ReadyAsync(before);
        await docker.DockerAsync("exec", before, "psql", "-qU", "postgres", "shop", "-c", SampleSql.Shop);
        await docker.DockerAsync("rm", "--force", before);
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
        Assert.Equal("dbsafety backup create --volume before_data --destination ./backups", string.Join(' ', command));
        // LostVolumeTests runs that command for a project that was renamed each time.
        if (Round.IsLong)
        {
            var backup = await Dbsafety.RunAsync(Environment, [.. command[1..^1], folder.Path, "--json"]);
            Assert.True(backup.ExitCode == 0, backup.Error);
            Assert.Equal(623, JsonDocument.Parse(backup.Output).RootElement[0].GetProperty("Rows").GetInt64());
        }

        await RemoveAsync(file, "after");
    });

    /// <summary>A service for each thing that can change; the judge is where docker-compose then puts the data.</summary>
    [LongFact(needsRoot: true)]
    public Task Predicted_data_location_of_the_next_up_matches_docker_compose() => InFolderAsync(async folder =>
    {
        var file = Path.Combine(folder, "compose.yaml");
        await docker.VolumeAsync("ext-a");
        await docker.VolumeAsync("ext-b");
        await File.WriteAllTextAsync(file, $$"""
            version: "3.8"
            x-postgres: &postgres {image: "{{docker.Images.Postgres}}", environment: {POSTGRES_PASSWORD: x} }
            services:
              named: {<<: *postgres, volumes: ["named:{{Classic}}"] }
              prefixed: {<<: *postgres, volumes: [{type: volume, source: prefixed, target: {{Classic}}}] }
              bind: {<<: *postgres, volumes: ["${DIR:-./db}:{{Classic}}"] }
              folder: {<<: *postgres, environment: ["POSTGRES_PASSWORD=x", "PGDATA={{Classic}}${SUB}"], volumes: ["folder:{{Classic}}"] }
              tag: {image: "${TAG:-{{docker.Images.Postgres}}}", environment: {POSTGRES_PASSWORD: x}, volumes: ["tag:{{Classic}}"] }
              outer: {<<: *postgres, volumes: ["outer:{{Classic}}"] }
            volumes: {named: {name: "next_${V}"}, prefixed: , folder: , tag: , outer: {external: true, name: "{{docker.Name("ext-")}}${E}"} }
            """);
        try
        {
            await WriteAsync("COMPOSE_PROJECT_NAME=nextup\nV=a\nE=a\n");
            await docker.ComposeAsync(file, "up", "--no-start");
            Assert.All(await NextAsync(), n => Assert.Equal((n.Key, CheckState.Pass), (n.Key, n.Value.Next.State)));

            await WriteAsync($"COMPOSE_PROJECT_NAME=nextup\nV=b\nE=b\nDIR={folder}/other\nSUB=/pgdata\nTAG={TestImages.Eighteen}\n");
            var predicted = await NextAsync();
            foreach (var (service, cause) in new Dictionary<string, string>
            {
                ["named"] = $"the data directory is {Classic} on the volume next_b, which does not exist",
                ["bind"] = $"on the host's folder {folder}/other.",
                ["folder"] = $"the data directory is {Classic}/pgdata on the volume nextup_folder (folder pgdata)",
                ["tag"] = "the data directory is /var/lib/postgresql/18/docker on a new, anonymous volume",
                ["outer"] = $"the volume {docker.Name("ext-b")}, which holds no cluster",
            })
            {
                Assert.Equal((service, CheckState.Fail), (service, predicted[service].Next.State));
                Assert.Contains(cause, predicted[service].Next.Evidence, StringComparison.Ordinal);
            }

            Assert.Equal(CheckState.Pass, predicted["prefixed"].Next.State);
            await docker.ComposeAsync(file, "up", "--no-start");
            foreach (var (service, then) in await NextAsync())
            {
                Assert.Contains(then.Test.PgData!, service == "prefixed" ? Classic : predicted[service].Next.Evidence, StringComparison.Ordinal);
                Assert.Contains(then.Test.MountKind == MountKind.AnonymousVolume ? "a new, anonymous volume" : then.Test.Volume!, service == "prefixed" ? "nextup_prefixed" : predicted[service].Next.Evidence, StringComparison.Ordinal);
            }

            await WriteAsync($"COMPOSE_PROJECT_NAME=nextdown\nV=b\nE=b\n");
            var renamed = (await NextAsync())["prefixed"].Next;
            Assert.Equal(CheckState.Fail, renamed.State);
            Assert.Contains("the project is nextdown (this container belongs to nextup), and the data directory is /var/lib/postgresql/data on the volume nextdown_prefixed, which does not exist", renamed.Evidence, StringComparison.Ordinal);
            await docker.ComposeAsync(file, "up", "--no-start", "prefixed");
            Assert.Contains("nextdown_prefixed", await docker.DockerAsync("volume", "ls", "-q", "--filter", "name=nextdown_"), StringComparison.Ordinal);
        }
        finally
        {
            foreach (var project in new[] { "nextup", "nextdown" })
                await RemoveAsync(file, project);
        }

        Task WriteAsync(string variables) => File.WriteAllTextAsync(Path.Combine(folder, ".env"), variables);

        async Task<Dictionary<string, (DockerVolumeTest Test, VolumeCheck Next)>> NextAsync() =>
            (await new TestDockerVolume().RunAsync(new DockerVolumeRequest(file) { DockerHost = docker.Address.Text }, OperationEvents.None, CancellationToken.None))
            .ToDictionary(t => t.Container.Split('_', '-')[^2], t => (t, t.Checks.SingleOrDefault(c => c.Id == "next-up")!));
    });

    /// <summary>The volume that a container has at a VOLUME of its image is carried over to the next one, until <c>down</c> removes the container.</summary>
    [RootFact]
    public Task Volume_that_compose_only_carries_over_to_the_next_container_is_reported_as_unsafe_after_down() => InFolderAsync(async folder =>
    {
        var file = Path.Combine(folder, "compose.yaml");
        Task WriteAsync(string place) => File.WriteAllTextAsync(file, $$"""
            version: "3.8"
            services: {main: {image: "{{docker.Images.Postgres}}", environment: {POSTGRES_PASSWORD: x}, volumes: ["data:{{place}}"] } }
            volumes: {data: }
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, ".env"), "COMPOSE_PROJECT_NAME=carried\n");
        await WriteAsync(Classic);
        await docker.ComposeAsync(file, "up", "--no-start");
        await WriteAsync("/var/lib/postgresql");

        var result = await VolumeAsync("test", file, "--json");
        Assert.Contains("After docker compose down, the next docker compose up would not start with this data, which is on the volume carried_data.", result.Output, StringComparison.Ordinal);
        Assert.Equal(3, result.ExitCode);

        await docker.ComposeAsync(file, "down");
        await docker.ComposeAsync(file, "up", "--no-start");
        Assert.Contains("\"MountKind\": \"AnonymousVolume\"", (await VolumeAsync("test", file, "--json")).Output, StringComparison.Ordinal);
        await RemoveAsync(file, "carried");
    });

    /// <summary>What stands in a file is replaced as <c>docker-compose config</c> replaces it.</summary>
    [RootFact]
    public Task Variables_are_interpolated_as_in_docker_compose() => InFolderAsync(async folder =>
    {
        string[] expressions =
        [
            "$A", "${A}", "x${A}y", "${NONE}", "${NONE:-d}", "${NONE-d}", "${EMPTY:-d}", "${EMPTY-d}", "${A:-d}", "$$A", "$${A}", "${A}${B}", "$A/$B", "${NONE:-}", "${A:?no}", "${NONE:-a-b}", "plain",
            "${SPACED}", "${QUOTED}", "${NONE:-/x/y:z}",
        ];
        await File.WriteAllTextAsync(Path.Combine(folder, ".env"), "A=1\nB=two\nEMPTY=\nSPACED=a b\nQUOTED=\"q # r\"\n");
        var file = Path.Combine(folder, "compose.yaml");
        await File.WriteAllTextAsync(
            file, $"version: '3.8'\nservices:\n  main:\n    image: x\n    environment:\n{string.Join('\n', expressions.Select((e, i) => $"      X{i}: '{e}'"))}\n");

        var read = DbSafety.Docker.Compose.ComposeProject.Read([file], folder, []).Service("main").Environment.Order(StringComparer.Ordinal);
        var judge = (await docker.ConfigAsync(file)).Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith('X'))
            .Select(l => l.Split(": ", 2)).Select(l => $"{l[0]}={l.ElementAtOrDefault(1)?.Trim('\'', '"').Replace("$$", "$", StringComparison.Ordinal)}").Order(StringComparer.Ordinal);

        Assert.Equal(judge, read);
    });

    private static async Task InFolderAsync(Func<string, Task> work)
    {
        using var folder = new TempFolder();
        await work(folder.Path);
    }

    [RootFact]
    public Task Error_for_a_compose_file_without_containers_lists_containers_of_the_same_service_in_other_projects() => WithProjectAsync("moved", async file =>
    {
        var nothing = await VolumeAsync("test", file);
        Assert.Equal(5, nothing.ExitCode);
        Assert.Contains($"error DBS531: no database container was created from {file} (its project name would be moved)", nothing.Error, StringComparison.Ordinal);
        Assert.Contains("dbsafety volume find", nothing.Error, StringComparison.Ordinal);

        await docker.ComposeAsync(file, "-p", "elsewhere", "up", "-d", "main");
        using var folder = new TempFolder();
        var copy = Path.Combine(folder.Path, "compose.yaml");
        File.Copy(file, copy);
        Assert.Contains($"Other projects have databases of the same service: {await ContainerAsync("elsewhere")}.", (await VolumeAsync("test", copy)).Error, StringComparison.Ordinal);
        Assert.Contains("NamedVolume", (await VolumeAsync("test", file, "--json")).Output, StringComparison.Ordinal);
        await RemoveAsync(file, "elsewhere");
    });

    [RootTheory]
    [InlineData("services: [", "line 2:")]
    [InlineData("volumes: {}", "it has no services")]
    [InlineData(null, "Could not find file")]
    public async Task Invalid_or_missing_compose_file_is_a_usage_error(string? text, string reason)
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

    /// <summary>A server that has only just started would take ten seconds to stop, and nobody needs its data.</summary>
    private Task RemoveAsync(string file, string project) => docker.ComposeAsync(file, "-p", project, "down", "-v", "-t", "0");

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
                stop_signal: SIGKILL
            volumes:
              data:
            """);
        try
        {
            await work(file);
        }
        finally
        {
            await RemoveAsync(file, name);
        }
    }
}
