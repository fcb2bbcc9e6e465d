using System.Diagnostics;
using DbSafety.Scratch;
using DbSafety.Tools.Isolation;

namespace DbSafety.Integration.Tests;

[Collection(PgServerGroup.Name)]
public sealed class ScratchServerTests(PgServer pg)
{
    [Fact]
    public async Task A_temporary_server_accepts_superuser_connections_and_is_removed_on_dispose()
    {
        string folder;
        await using (var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None))
        {
            folder = Path.GetDirectoryName(server.DataFolder)!;
            Assert.Equal("on", await PgServer.ScalarAsync<string>(server.Target, "SELECT current_setting('is_superuser')"));
        }

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Abandoned_temporary_container_is_removed_and_reported_by_the_next_run()
    {
        using var dead = Process.Start("sleep", "0");
        await dead.WaitForExitAsync();
        // The server of a test that runs at the same time may be the next.
        for (var tries = 0; !await IsSweptByNextAsync(dead.Id); tries++)
            Assert.True(tries < 5);
        Assert.Equal(1, await PgServer.ScalarAsync<int>(pg.Target, "SELECT 1"));
    }

    private static async Task<bool> IsSweptByNextAsync(int dead)
    {
        var abandoned = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        var folder = Path.GetDirectoryName(abandoned.DataFolder)!;
        var owner = Path.Combine(folder, "owner");
        var programs = File.ReadLines(owner).Last();
        await File.WriteAllTextAsync(owner, $"{dead} 0\n{programs}\n");

        // Its owner may be a process that is not seen from here, in a container with the same /tmp.
        await (await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None)).DisposeAsync();
        Assert.Equal(1, await PgServer.ScalarAsync<int>(abandoned.Target, "SELECT 1"));
        File.Delete(Path.Combine(folder, "alive"));

        var events = new RecordedEvents();
        await using var next = await ScratchServer.StartAsync(null, events, CancellationToken.None);

        for (var clock = Stopwatch.StartNew(); Directory.Exists(folder); await Task.Delay(50))
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30));
        return events.Text.Contains(folder, StringComparison.Ordinal);
    }

    /// <summary>Built or unpacked by hand, with libraries that lie elsewhere.</summary>
    [RootFact]
    public async Task Server_programs_that_cannot_run_isolated_are_reported_as_the_reason_against_isolation()
    {
        using var folder = new TempFolder();
        foreach (var name in new[] { "server", "programs/bin", "elsewhere" })
            Directory.CreateDirectory(Path.Combine(folder.Path, name));
        var elsewhere = Path.Combine(folder.Path, "elsewhere", "postgres");
        foreach (var (file, text) in new[] { (Path.Combine(folder.Path, "programs", "bin", "postgres"), $"#!/bin/sh\nexec '{elsewhere}' \"$@\"\n"), (elsewhere, "#!/bin/sh\necho 18\n") })
        {
            await File.WriteAllTextAsync(file, text);
            File.SetUnixFileMode(file, (UnixFileMode)493);
        }

        var reason = await new IsolatedServer(Path.Combine(folder.Path, "server"), Path.Combine(folder.Path, "programs", "bin"), []).ReasonAgainstAsync(null, CancellationToken.None);

        Assert.Contains("requires files that are missing in the namespace", reason, StringComparison.Ordinal);
        Assert.Contains(elsewhere, reason, StringComparison.Ordinal);
    }

    /// <summary>Anybody can make such a folder in /tmp, and put into it what names another server and another program.</summary>
    [RootFact]
    public async Task A_temporary_server_of_another_user_is_not_read_or_removed()
    {
        await using var victim = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "dbsafety-scratch-" + Guid.NewGuid().ToString("N")[..8])).FullName;
        var ran = Path.Combine(folder, "ran");
        Directory.CreateSymbolicLink(Path.Combine(folder, "data"), victim.DataFolder);
        await File.WriteAllTextAsync(Path.Combine(folder, "pg_ctl"), $"#!/bin/sh\ntouch '{ran}'\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "owner"), $"999999 0 0\n{folder}\n");
        foreach (var path in Directory.GetFiles(folder).Append(folder))
        {
            File.SetUnixFileMode(path, (UnixFileMode)511);
            using var chown = Process.Start("chown", ["65534:65534", path]);
            await chown.WaitForExitAsync();
        }

        var events = new RecordedEvents();
        await using var next = await ScratchServer.StartAsync(null, events, CancellationToken.None);

        Assert.True(Directory.Exists(folder));
        Assert.False(File.Exists(ran));
        Assert.DoesNotContain(folder, events.Text, StringComparison.Ordinal);
        Assert.Equal(1, await PgServer.ScalarAsync<int>(victim.Target, "SELECT 1"));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_superuser_of_a_rehearsal_has_a_random_name_that_scripts_cannot_know() =>
        Assert.Equal(10, Enumerable.Range(0, 10).Select(_ => ScratchIsolation.RandomSuperuser()).Distinct().Count());

    /// <summary>A script that is rehearsed can write into its server's folder.</summary>
    [Fact]
    public async Task A_process_from_the_files_of_a_server_is_signaled_only_if_it_runs_in_that_folder()
    {
        // The server's programs run as another user where the tests run as root, who could not be signalled by them anyway.
        using var other = Environment.IsPrivilegedProcess ? Process.Start("env", ["--default-signal=QUIT", "setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "sleep", "60"]) : Process.Start("env", ["--default-signal=QUIT", "sleep", "60"]);
        var server = await ScratchServer.StartIsolatedAsync(null, new ScratchIsolation(), new RecordedEvents(), CancellationToken.None);
        var file = Path.Combine(server.DataFolder, "postmaster.pid");
        var lines = await File.ReadAllLinesAsync(file);
        await File.WriteAllLinesAsync(file, lines.Skip(1).Prepend($"{other.Id}"));

        await server.DisposeAsync();

        Assert.False(other.HasExited);
        Assert.False(Directory.Exists(server.DataFolder));
        other.Kill();
    }

    /// <summary>So that nobody waits for who would write into it.</summary>
    [Fact]
    public async Task A_named_pipe_in_place_of_a_server_file_is_not_read()
    {
        var server = await ScratchServer.StartIsolatedAsync(null, new ScratchIsolation(), new RecordedEvents(), CancellationToken.None);
        var file = Path.Combine(server.DataFolder, "postmaster.pid");
        File.Delete(file);
        using (var pipe = Process.Start("mkfifo", file))
            await pipe.WaitForExitAsync();

        await server.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(3));

        Assert.False(Directory.Exists(server.DataFolder));
    }

    [Fact]
    public async Task A_folder_without_an_owner_file_is_removed_after_it_expires()
    {
        var old = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "dbsafety-scratch-" + Guid.NewGuid().ToString("N")[..8])).FullName;
        var fresh = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "dbsafety-scratch-" + Guid.NewGuid().ToString("N")[..8])).FullName;
        Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-1));

        await using var next = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);

        Assert.False(Directory.Exists(old));
        Assert.True(Directory.Exists(fresh));
        Directory.Delete(fresh);
    }
}
