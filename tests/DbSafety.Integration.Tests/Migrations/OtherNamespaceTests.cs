using DbSafety.Databases.Connections;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>A server in a network namespace of its own that shares the folder of its socket with this machine, as one in a container does; and other processes of this machine.</summary>
[Collection(ScriptServerGroup.Name)]
public sealed class OtherNamespaceTests(PgServer pg)
{
    [RootFact]
    public async Task Rehearsal_cannot_connect_to_a_server_in_another_network_namespace_by_a_shared_socket()
    {
        await using var server = await ScratchServer.StartIsolatedAsync(null, new ScratchIsolation(), OperationEvents.None, CancellationToken.None);
        await PgServer.ExecuteAsync(server.Target, "CREATE TABLE reached (way text)");
        var shared = Directory.CreateDirectory($"/usr/local/share/dbsafety-test-{Guid.NewGuid():N}").FullName;
        await RunAsync("mount", "--bind", server.Target.Host!, shared);
        try
        {
            string There(string way) => $"psql -X -q -w -h {shared} -p {server.Target.Port} -U {server.Target.Username} -d postgres -c \"INSERT INTO reached VALUES ('{way}')\"";
            using var shop = await Shop.OpenAsync(pg, Shop.Schema + "CREATE EXTENSION dblink;");
            var connection = $"host={shared} port={server.Target.Port} user={server.Target.Username} dbname=postgres";
            shop.With("1_a.sql",
                $"""
                DO $$ BEGIN PERFORM dblink_exec('{connection}', 'INSERT INTO reached VALUES (''by dblink'')'); EXCEPTION WHEN OTHERS THEN NULL; END $$;
                DO $$ BEGIN COPY nothing FROM PROGRAM $p${There("by program")}$p$; EXCEPTION WHEN OTHERS THEN NULL; END $$;
                SELECT 1 / 0;
                """);

            await shop.FailsAsync(shop.Request() with { SkipBackup = true }, "DBS404");
            await shop.FailsAsync(shop.Request() with { SkipBackup = true, Command = new MigrationCommand(["sh", "-c", $"psql \"$DATABASE_URL\" -c 'SELECT 1'; {There("by command")}; exit 3"]) }, "DBS457");

            Assert.Equal(0, await PgServer.ScalarAsync<long>(server.Target, "SELECT count(*) FROM reached"));
            // Nothing else was in the way.
            await RunAsync("sh", "-c", There("by hand"));
            Assert.Equal(1, await PgServer.ScalarAsync<long>(server.Target, "SELECT count(*) FROM reached"));
        }
        finally
        {
            await RunAsync("umount", "--lazy", shared);
            Directory.Delete(shared);
        }
    }

    [RootFact]
    public async Task Rehearsal_cannot_see_or_signal_host_processes_and_its_background_processes_end_with_it()
    {
        using var shop = await Shop.OpenAsync(pg);
        await using var session = await shop.Target.OpenAsync(CancellationToken.None);
        var kill = $"kill -0 {session.ProcessID}";
        shop.With("1_a.sql", $"COPY nothing FROM PROGRAM '{kill}'");

        Assert.Contains("failed", (await shop.FailsAsync(shop.Request() with { SkipBackup = true }, "DBS452")).Message, StringComparison.Ordinal);
        await PgServer.ExecuteAsync(shop.Target, $"COPY nothing FROM PROGRAM '{kill}'");

        var marker = Path.Combine(shop.Root, "alive");
        var script = $"psql \"$DATABASE_URL\" -c 'SELECT 1'; {kill} && touch '{marker}'; ls /proc/{session.ProcessID} && touch '{marker}'; (sleep 5; touch '{marker}') & exit 3";
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await shop.FailsAsync(shop.Request() with { SkipBackup = true, Command = new MigrationCommand(["sh", "-c", script]) }, "DBS404");
        // It holds neither the run nor a copy of its output.
        var took = clock.Elapsed;
        await Task.Delay(TimeSpan.FromSeconds(Math.Max(0, 6 - took.TotalSeconds)));
        Assert.False(File.Exists(marker));
    }

    /// <summary>Message queues and shared memory of System V have no path, and are neither a network's nor a process's.</summary>
    [LongFact(needsRoot: true)]
    public async Task Rehearsal_cannot_access_message_queues_of_the_host()
    {
        using var shop = await Shop.OpenAsync(pg);
        await PgServer.ExecuteAsync(shop.Target, "CREATE TABLE made (line text); COPY made FROM PROGRAM 'ipcmk --queue'");
        var remove = $"ipcrm --queue-id {(await PgServer.ScalarAsync<string>(shop.Target, "SELECT line FROM made"))!.Split(' ')[^1]}";
        shop.With("1_a.sql", $"COPY nothing FROM PROGRAM '{remove}'");

        await shop.FailsAsync(shop.Request() with { SkipBackup = true }, "DBS452");
        var command = new MigrationCommand(["sh", "-c", $"psql \"$DATABASE_URL\" -c 'SELECT 1'; {remove} && exit 6; exit 3"]);
        Assert.Contains("exit code 3", (await shop.FailsAsync(shop.Request() with { SkipBackup = true, Command = command }, "DBS404")).Message, StringComparison.Ordinal);

        // It is still there.
        await PgServer.ExecuteAsync(shop.Target, $"COPY nothing FROM PROGRAM '{remove}'");
    }

    private static async Task RunAsync(string program, params string[] arguments) => (await ToolProcess.RunAsync(new ToolCommand(program, arguments), CancellationToken.None)).OrThrow();
}
