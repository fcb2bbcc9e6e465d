using DbSafety.Docker.Targets;
using DbSafety.Docker.Volumes;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>Is it the right data, and is it still sorted as its indexes are?</summary>
[Collection(DockerEngineCollection.Name)]
public sealed class DockerVolumeContentTests(DockerEngineFixture docker)
{
    private const string Classic = "/var/lib/postgresql/data";

    /// <summary>Two projects can call their volumes alike: only a container made from the same compose file proves that it is one project.</summary>
    [LongFact(needsRoot: true)]
    [Hazard("H16")]
    public async Task New_empty_volume_fails_when_a_container_of_the_old_project_proves_that_the_project_was_renamed()
    {
        string[] made = ["--label", "com.docker.compose.project.config_files=/nowhere/compose.yaml", "--label", "com.docker.compose.service=store", "--label"];
        var (before, after) = (await VolumeAsync("before"), await VolumeAsync("after"));
        var old = await docker.RunAsync("renamed-before", docker.Images.Postgres, "-v", $"{before}:{Classic}");
        await docker.DockerAsync("stop", old);
        await docker.DockerAsync("rm", old);
        var container = await docker.RunAsync("renamed-after", docker.Images.Postgres, ["-v", $"{after}:{Classic}", .. made, "com.docker.compose.project=renamed-after"]);

        await CheckAsync(CheckState.Warn, "Nothing on this engine shows whether it belongs to this application.");
        var witness = await docker.CreateAsync("renamed-app", TestImages.App, [.. made, "com.docker.compose.project=renamed-before"]);
        await CheckAsync(CheckState.Fail, $"The project was renamed: {witness} of the project renamed-before was created from the same compose file.");

        await docker.DockerAsync("rm", "--force", container, witness);
        await docker.DockerAsync("volume", "rm", before, after);

        Task<string> VolumeAsync(string when) => docker.VolumeAsync($"renamed_{when}", "--label", $"com.docker.compose.project=renamed-{when}", "--label", "com.docker.compose.volume=files");

        // By the volume and by compose's names it is the same container.
        async Task CheckAsync(CheckState state, string why)
        {
            foreach (var meant in new[] { container, after, "renamed-after/store" })
            {
                var check = Check(await TestAsync(meant), "content");
                Assert.Equal(state, check.State);
                Assert.Contains($"the volume {before} of the compose project renamed-before", check.Evidence, StringComparison.Ordinal);
                Assert.Contains(why, check.Evidence, StringComparison.Ordinal);
                Assert.Contains($"name: {before}, external: true", check.Remedy, StringComparison.Ordinal);
            }
        }
    }

    [RootFact]
    [Hazard("H17")]
    public async Task Collation_version_mismatch_fails_and_shows_the_statements_that_fix_it()
    {
        var volume = await docker.VolumeAsync("collation");
        var container = await docker.RunAsync("collation", docker.Images.Postgres, "-v", $"{volume}:{Classic}", "--env", "POSTGRES_DB=shop");
        await docker.DockerAsync(
            "exec", container, "psql", "-qU", "postgres", "shop", "-c", "CREATE TABLE t (name text COLLATE \"en-x-icu\"); CREATE INDEX ON t (name)");
        var whole = await TestAsync(container);
        Assert.Equal((CheckState.Pass, CheckState.Pass), (Check(whole, "collation").State, Check(whole, "content").State));

        await docker.DockerAsync(
            "exec", container, "psql", "-qU", "postgres", "shop", "-c", "SET allow_system_table_mods = on; UPDATE pg_collation SET collversion = '1.0' WHERE collname = 'en-x-icu'");
        var check = Check(await TestAsync(container), "collation");

        Assert.Equal(CheckState.Fail, check.State);
        Assert.Contains("the collation \"en-x-icu\" in shop has recorded version 1.0, and the library has ", check.Evidence, StringComparison.Ordinal);
        Assert.Equal("In shop: REINDEX DATABASE \"shop\"; ALTER COLLATION \"en-x-icu\" REFRESH VERSION;", check.Remedy);
        await docker.DockerAsync("exec", container, "psql", "-qU", "postgres", "shop", "-c", "ALTER COLLATION \"en-x-icu\" REFRESH VERSION");
        Assert.Equal(CheckState.Pass, Check(await TestAsync(container), "collation").State);
    }

    private static VolumeCheck Check(DockerVolumeTest test, string id) => Assert.Single(test.Checks, c => c.Id == id);

    private async Task<DockerVolumeTest> TestAsync(string container) =>
        Assert.Single(await new TestDockerVolume().RunAsync(new DockerVolumeRequest(container) { DockerHost = docker.Address.Text }, OperationEvents.None, CancellationToken.None));
}
