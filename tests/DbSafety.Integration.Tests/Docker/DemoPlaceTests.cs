using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>The demo on machines that have less than this one.</summary>
[Collection(DockerEngineCollection.Name)]
public sealed class DemoPlaceTests(DockerEngineFixture docker)
{
    public static TheoryData<bool> HasClients => Round.IsLong ? [false, true] : [false];

    [LongTheory(needsRoot: true)]
    [MemberData(nameof(HasClients))]
    public async Task Demo_without_server_programs_runs_in_a_temporary_container_and_removes_it(bool hasClients)
    {
        using var programs = new TempFolder();
        if (hasClients)
            await LinkClientsAsync(programs.Path);
        var before = await docker.DockerAsync("ps", "-aq");

        var result = await Dbsafety.RunAsync(new Dictionary<string, string?> { ["DBSAFETY_PG_BIN"] = programs.Path, ["DOCKER_HOST"] = docker.Address.Text }, "demo");

        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        Assert.Contains("on a temporary container of dbsafety-test/postgres", result.Output, StringComparison.Ordinal);
        Assert.Contains("have been removed", result.Output, StringComparison.Ordinal);
        Assert.Equal(before, await docker.DockerAsync("ps", "-aq"));
    }

    [RootFact]
    public async Task Demo_without_server_programs_and_Docker_engine_fails_and_shows_the_install_command()
    {
        using var programs = new TempFolder();
        var result = await Dbsafety.RunAsync(new Dictionary<string, string?> { ["DBSAFETY_PG_BIN"] = programs.Path, ["DOCKER_HOST"] = $"unix://{programs.Path}/docker.sock" }, "demo");
        Assert.Equal(5, result.ExitCode);
        Assert.StartsWith("error DBS510: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(PackageInstall.Line("postgresql", null), result.Error, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Demo_prints_install_commands_and_stops_when_the_package_manager_fails()
    {
        using var programs = new TempFolder();
        await File.WriteAllTextAsync(Path.Combine(programs.Path, "apt-get"), "#!/bin/sh\n[ \"$1\" = update ] || { echo 'E: no network' >&2; exit 100; }\n");
        File.SetUnixFileMode(Path.Combine(programs.Path, "apt-get"), (UnixFileMode)0x1ED);

        var result = await Dbsafety.RunAsync(new Dictionary<string, string?> { ["DBSAFETY_PG_BIN"] = programs.Path, ["PATH"] = $"{programs.Path}:{Environment.GetEnvironmentVariable("PATH")}" }, "demo", "--install");

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("$ apt-get update\n$ apt-get install postgresql --yes --no-install-recommends\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("error DBS532: the PostgreSQL server programs could not be installed: apt-get install postgresql --yes --no-install-recommends ended with exit code 100", result.Error, StringComparison.Ordinal);
        Assert.Contains("apt-get install postgresql", result.Error, StringComparison.Ordinal);
    }

    private static async Task LinkClientsAsync(string folder)
    {
        foreach (var name in new[] { "pg_dump", "pg_restore", "pg_dumpall", "psql" })
            File.CreateSymbolicLink(Path.Combine(folder, name), (await PgTools.AllAsync(name, CancellationToken.None)).MaxBy(t => t.Major)!.Path);
    }
}
