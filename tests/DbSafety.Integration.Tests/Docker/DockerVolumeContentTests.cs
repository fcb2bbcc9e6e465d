using DbSafety.Docker.Volumes;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>Is it the right data, and is it still sorted as its indexes are?</summary>
[Collection(DockerEngineCollection.Name)]
public sealed class DockerVolumeContentTests(DockerEngineFixture docker)
{
    private const string Classic = "/var/lib/postgresql/data";

    [RootFact]
    public async Task A_renamed_project_with_a_new_empty_volume_fails_and_names_the_one_of_before_H16()
    {
        var before = await docker.VolumeAsync("prj_before", "--label", "com.docker.compose.project=before", "--label", "com.docker.compose.volume=files");
        var old = await docker.RunAsync("prj-before", docker.Images.Postgres, "-v", $"{before}:{Classic}");
        await docker.DockerAsync("stop", old);
        await docker.DockerAsync("rm", old);
        var after = await docker.VolumeAsync("prj_after", "--label", "com.docker.compose.project=after", "--label", "com.docker.compose.volume=files");
        var container = await docker.RunAsync("prj-after", docker.Images.Postgres, "-v", $"{after}:{Classic}", "--label", "com.docker.compose.project=after", "--label", "com.docker.compose.service=store");

        // By the volume and by compose's names it is the same container.
        foreach (var name in new[] { container, after, "after/store" })
        {
            var check = Check(await TestAsync(name), "content");
            Assert.Equal(CheckState.Fail, check.State);
            Assert.Contains($"the volume {before} of the compose project before", check.Evidence, StringComparison.Ordinal);
            Assert.Contains($"name: {before}, external: true", check.Remedy, StringComparison.Ordinal);
        }

        await docker.DockerAsync("volume", "rm", before);
    }

    [RootFact]
    public async Task Collations_of_another_library_fail_with_the_statements_that_mend_it_H17()
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
        Assert.Contains("the collation \"en-x-icu\" in shop was 1.0 and is ", check.Evidence, StringComparison.Ordinal);
        Assert.Equal("In shop: REINDEX DATABASE \"shop\"; ALTER COLLATION \"en-x-icu\" REFRESH VERSION;", check.Remedy);
        await docker.DockerAsync("exec", container, "psql", "-qU", "postgres", "shop", "-c", "ALTER COLLATION \"en-x-icu\" REFRESH VERSION");
        Assert.Equal(CheckState.Pass, Check(await TestAsync(container), "collation").State);
    }

    private static VolumeCheck Check(DockerVolumeTest test, string id) => Assert.Single(test.Checks, c => c.Id == id);

    private async Task<DockerVolumeTest> TestAsync(string container) =>
        Assert.Single(await new TestDockerVolume().RunAsync(new DockerVolumeRequest(container) { DockerHost = docker.Address.Text }, OperationEvents.None, CancellationToken.None));
}
