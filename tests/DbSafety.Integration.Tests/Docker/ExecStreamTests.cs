using System.Diagnostics;
using System.Text;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Errors;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>Streams of programs in containers: their bytes, and what happens when something goes away in the middle.</summary>
[Collection(DockerEngineCollection.Name)]
public sealed class ExecStreamTests(DockerEngineFixture docker) : IDisposable
{
    private readonly DockerEngine engine = new(docker.Address);

    public void Dispose() => engine.Dispose();

    [RootFact]
    [Hazard("H11")]
    public async Task Exec_streams_pass_every_byte_unchanged()
    {
        var container = await IdleAsync("bytes");
        var sent = new byte[3_000_001];
        new Random(1).NextBytes(sent);
        Enumerable.Range(0, 256).Select(i => (byte)i).ToArray().CopyTo(sent, 0);
        using var output = new MemoryStream();
        var result = await engine.ExecAsync(
            new ExecRequest(container, "cat"), (s, ct) => s.CopyToAsync(output, ct), (s, ct) => s.WriteAsync(sent, ct).AsTask(), CancellationToken.None);
        Assert.Equal(0, result.ExitCode);
        Assert.True(output.GetBuffer().AsSpan(0, (int)output.Length).SequenceEqual(sent));
    }

    [RootFact]
    [Hazard("H25")]
    public async Task Cancelled_program_is_killed_in_its_container()
    {
        var container = await IdleAsync("cancel");
        using var stop = new CancellationTokenSource();
        var running = engine.ExecAsync(new ExecRequest(container, "sh", "-c", "echo ready; exec sleep 987"), async (s, ct) =>
        {
            Assert.True(await s.ReadAsync(new byte[16], ct) > 0);
            await stop.CancelAsync();
            await s.CopyToAsync(Stream.Null, ct);
        }, null, stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.DoesNotContain("987", await CommandsAsync(container), StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Failing_output_reader_ends_the_program_and_its_exception_is_thrown()
    {
        var container = await IdleAsync("reader");
        var error = await Assert.ThrowsAsync<IOException>(() => engine.ExecAsync(
            new ExecRequest(container, "cat", "/dev/zero"), (_, _) => throw new IOException("No space left on device"), null, CancellationToken.None));
        Assert.Equal("No space left on device", error.Message);
        Assert.DoesNotContain("/dev/zero", await CommandsAsync(container), StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Exec_does_not_hang_when_the_program_does_not_read_all_of_its_input()
    {
        var container = await IdleAsync("no-reader");
        var result = await engine.ExecAsync(
            new ExecRequest(container, "sh", "-c", "echo no >&2; exit 3"), (s, ct) => s.CopyToAsync(Stream.Null, ct), (s, ct) => ExecSpeedTests.ZerosAsync(s, 1L << 40, ct), CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(3));
        Assert.Equal((3, "no\n"), (result.ExitCode, result.Error));
    }

    [RootFact]
    public async Task Killed_program_returns_exit_code_137()
    {
        var container = await IdleAsync("killed");
        Task? killing = null;
        var result = await engine.ExecAsync(new ExecRequest(container, "sh", "-c", "echo $$; exec cat /dev/zero"), async (s, ct) =>
        {
            var first = new byte[8];
            var length = await s.ReadAsync(first, ct);
            var id = Encoding.ASCII.GetString(first, 0, length).Split('\n')[0];
            // Not awaited here: an engine waits with a program's end until its output has been read.
            killing = docker.DockerAsync("exec", container, "sh", "-c", $"kill -9 {id}");
            await s.CopyToAsync(Stream.Null, ct);
        }, null, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(3));
        await killing!;
        Assert.Equal(137, result.ExitCode);
    }

    /// <summary>Of pg_dump in the container, and of the container itself.</summary>
    [RootTheory]
    [InlineData("dump", "1")]
    [InlineData("container", "1|5")]
    [Hazard("H27")]
    public async Task Killed_pg_dump_or_container_during_a_backup_is_an_error_and_leaves_no_partial_files(string what, string exitCodes)
    {
        using var folder = new TempFolder();
        var sets = Path.Combine(folder.Path, "b");
        var target = await docker.StartPostgresAsync("killed-" + what);
        await docker.DockerAsync("exec", target.Container!, "psql", "-qU", "postgres", "shop", "-c", "CREATE TABLE big AS SELECT i, repeat(md5(i::text), 20) AS t FROM generate_series(1, 600000) i");
        using var run = Dbsafety.Start(
            new Dictionary<string, string?> { ["DOCKER_HOST"] = docker.Address.Text, ["DBSAFETY_PG_BIN"] = folder.Path }, "backup", "create", "--container", target.Container!, "--destination", sets);
        await run.UntilAsync(() => Task.FromResult(Directory.Exists(sets) && Directory.GetFiles(sets).Any(f => new FileInfo(f).Length > 0)), "the dump had begun");
        if (what == "dump")
            await docker.DockerAsync("exec", target.Container!, "sh", "-c", "for p in /proc/[0-9]*; do read -r name < $p/comm; [ $name != pg_dump ] || kill -9 ${p#/proc/}; done");
        else
            await docker.DockerAsync("kill", target.Container!);
        var result = await run.EndAsync();
        await docker.DockerAsync("rm", "--force", "--volumes", target.Container!);

        Assert.Contains(result.ExitCode.ToString(System.Globalization.CultureInfo.InvariantCulture), exitCodes.Split('|'));
        Assert.Matches("error DBS(104|113|506): ", result.Error);
        Assert.Empty(Directory.GetFileSystemEntries(sets));
    }

    [RootFact]
    [Hazard("H27")]
    public async Task An_engine_that_disconnects_during_a_response_is_an_error()
    {
        await using var other = await TemporaryEngine.StartAsync();
        await docker.PipeAsync(["save", TestImages.App], other.Address, ["load"]);
        using var theirs = new DockerEngine(other.Address);
        var container = await theirs.CreateContainerAsync(new ContainerRequest(TestImages.App) { Network = "none" }, CancellationToken.None);
        await theirs.StartContainerAsync(container, CancellationToken.None);
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => theirs.ExecAsync(new ExecRequest(container, "cat", "/dev/zero"), async (s, ct) =>
        {
            await s.ReadExactlyAsync(new byte[1 << 20], ct);
            var ending = other.DisposeAsync();
            await s.CopyToAsync(Stream.Null, ct);
            await ending;
        }, null, CancellationToken.None));
        Assert.Contains(error.Code, (string[])["DBS501", "DBS506"]);
    }

    [RootFact]
    [Hazard("H27")]
    public async Task Engine_killed_during_a_backup_is_an_error_and_leaves_no_partial_files()
    {
        await using var other = await TemporaryEngine.StartAsync();
        await docker.PipeAsync(["save", docker.Images.Postgres], other.Address, ["load"]);
        using var theirs = new DockerEngine(other.Address);
        var request = new ContainerRequest(docker.Images.Postgres) { Network = "none", Environment = new Dictionary<string, string> { ["POSTGRES_PASSWORD"] = "x", ["POSTGRES_DB"] = "shop" } };
        var container = await theirs.CreateContainerAsync(request, CancellationToken.None);
        await theirs.StartContainerAsync(container, CancellationToken.None);
        const string Fill = "CREATE TABLE big AS SELECT i, repeat(md5(i::text), 20) AS t FROM generate_series(1, 600000) i";
        var filled = await theirs.ExecAsync(new ExecRequest(container, "sh", "-c", $"{DockerEngineFixture.UntilReady}; exec psql -qU postgres shop -c '{Fill}'"), CancellationToken.None);
        Assert.True(filled.ExitCode == 0, filled.Error);

        using var folder = new TempFolder();
        var sets = Path.Combine(folder.Path, "b");
        using var run = Dbsafety.Start(
            new Dictionary<string, string?> { ["DOCKER_HOST"] = other.Address.Text, ["DBSAFETY_PG_BIN"] = folder.Path }, "backup", "create", "--container", container, "--destination", sets);
        await run.UntilAsync(() => Task.FromResult(Directory.Exists(sets) && Directory.GetFiles(sets).Any(f => new FileInfo(f).Length > 0)), "the dump had begun");
        other.Kill();
        var result = await run.EndAsync();

        Assert.True(result.ExitCode is 1 or 5, result.Error);
        Assert.Matches("error DBS(104|113|501|507): ", result.Error);
        Assert.Empty(Directory.GetFileSystemEntries(sets));
    }

    private async Task<string> IdleAsync(string name)
    {
        var container = await docker.CreateAsync("stream-" + name, TestImages.App);
        await docker.DockerAsync("start", container);
        return container;
    }

    private Task<string> CommandsAsync(string container) => docker.DockerAsync("exec", container, "sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | grep -av 'cat /proc' || :");
}
