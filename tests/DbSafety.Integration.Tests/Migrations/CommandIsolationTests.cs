using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DbSafety.Databases.Connections;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using DbSafety.Scratch;
using DbSafety.Tools;
using DbSafety.Tools.Isolation;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>The rehearsal of a project's own command, which may have production's address from anywhere. Production answers by TCP and by a Unix socket.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class CommandIsolationTests(PgServer pg)
{
    private const UnixFileMode ForAll = (UnixFileMode)0b111_101_101;

    /// <summary>Each tries to empty a table of production; outside of a rehearsal each does.</summary>
    private const string Ways =
        """
        try() { name=$1; shift; "$@" >/dev/null 2>&1 && echo "REACHED by $name"; }
        bare() { env -u PGHOST -u PGPORT -u PGUSER -u PGDATABASE -u DATABASE_URL "$@"; }
        D='DELETE FROM products'
        try literal bare psql "postgresql://postgres@127.0.0.1:@PORT@/@NAME@" -c "$D"
        try keywords bare psql "host=localhost port=@PORT@ user=postgres dbname=@NAME@" -c "$D"
        try socket bare psql -h @FOLDER@ -p 5432 -U postgres -d @NAME@ -c "$D"
        . ./settings/app.env
        try sibling bare psql -h "$APP_HOST" -p "$APP_PORT" -U postgres -d "$APP_NAME" -c "$D"
        PGPORT=@PORT@ try variables env PGHOST=127.0.0.1 PGDATABASE=@NAME@ PGUSER=postgres psql -c "$D"
        DATABASE_URL=$(sed -n 's/^DATABASE_URL=//p' settings/override.env)
        try override psql "$DATABASE_URL" -c "$D"
        try jdbc bare psql "$(sed -n 's/^spring.datasource.url=jdbc://p' settings/application.properties)" -c "$D"
        try node bare node -e "new (require('pg').Client)({ host: '127.0.0.1', port: @PORT@, user: 'postgres', database: '@NAME@' }).connect().then(() => process.exit(0), () => process.exit(1))"
        exit 1
        """;

    private const string Variables =
        """
        test -n "$DB_HOST" || . ./.env
        set -e
        psql "$DATABASE_URL" -c 'INSERT INTO nothing VALUES (1)'
        psql -c 'INSERT INTO nothing VALUES (2)'
        psql -h "$DB_HOST" -p "$DB_PORT" -U postgres -d "$DB_NAME" -c 'INSERT INTO nothing VALUES (3)'
        psql "${SPRING_DATASOURCE_URL#jdbc:}" -c 'INSERT INTO nothing VALUES (4)'
        node -e "const c = new (require('pg').Client)({ connectionString: process.env.DATABASE_URL }); c.connect().then(() => c.query('INSERT INTO nothing VALUES (5)')).then(() => c.end())"
        """;

    [Fact]
    public async Task Rehearsed_command_with_its_own_address_of_production_cannot_connect_to_production()
    {
        using var tcp = new TcpServer(pg.Target);
        using var shop = await ProjectAsync(tcp, Ways);

        var failure = await shop.FailsAsync(Request(shop), "DBS457");

        Assert.Contains("it did not connect to the copy", failure.Message, StringComparison.Ordinal);
        Assert.Contains("To rehearse without isolation: --allow-unisolated-command;", failure.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("REACHED", failure.Message + shop.Events.Text, StringComparison.Ordinal);
        Assert.Equal((10, SafeMigrationOutcome.Refused), (await shop.CountAsync("products"), shop.Outcome));

        var outside = await ToolProcess.RunAsync(new ToolCommand("sh", "migrate.sh") { WorkingDirectory = shop.Root }, CancellationToken.None);
        Assert.Equal(8, outside.Output.Split("REACHED").Length - 1);
        Assert.Equal(0, await shop.CountAsync("products"));
    }

    [Fact]
    public async Task Command_that_reads_connection_variables_runs_on_the_copy_over_TCP_and_then_on_production()
    {
        using var tcp = new TcpServer(pg.Target);
        using var shop = await ProjectAsync(tcp, Variables);

        var run = await shop.RunAsync(Request(shop));

        Assert.Equal((SafeMigrationOutcome.Applied, "sh migrate.sh"), (run.Outcome, Assert.Single(run.Applied)));
        Assert.Contains("could not be analysed", run.Stages.Single(s => s.Name == "gate").Evidence, StringComparison.Ordinal);
        Assert.Contains("the only database that the command could connect to", run.Stages.Single(s => s.Name == "rehearse").Evidence, StringComparison.Ordinal);
        Assert.Equal(5, await shop.CountAsync("nothing"));
    }

    [Fact]
    [Hazard("H19")]
    public async Task Data_loss_by_a_command_is_detected_on_the_copy_and_can_be_allowed()
    {
        using var tcp = new TcpServer(pg.Target);
        using var shop = await ProjectAsync(tcp, "psql -c 'DELETE FROM products WHERE id > 7; INSERT INTO products SELECT i FROM generate_series(11, 13) i'");

        var failure = await shop.FailsAsync(Request(shop), "DBS405");
        Assert.Contains("3 of 10 rows of products would be deleted, and other rows inserted (to allow it: --allow 'delete-rows:products')", failure.Message, StringComparison.Ordinal);
        Assert.Equal(10, await shop.CountAsync("products WHERE id < 11"));

        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(Request(shop) with { Allow = ["delete-rows:products"] })).Outcome);
        Assert.Equal(7, await shop.CountAsync("products WHERE id < 11"));
    }

    [Fact]
    public async Task Command_of_an_unprivileged_user_is_isolated()
    {
        using var tcp = new TcpServer(pg.Target);
        using var shop = await ProjectAsync(tcp, "set -e\npsql \"$DATABASE_URL\" -c 'INSERT INTO nothing VALUES (1)'\npsql postgresql://postgres@127.0.0.1:@PORT@/@NAME@ -c 'DELETE FROM products'");
        using var folder = new TempFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)511);
        // This checkout may be where nobody else can enter, such as below root's home.
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            var copy = Path.Combine(folder.Path, Path.GetFileName(file));
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, ForAll);
        }

        var environment = new Dictionary<string, string?> { ["HOME"] = folder.Path, ["TMPDIR"] = folder.Path };
        // Who runs the tests has no rights to give up, or gives them up.
        string[] user = Environment.IsPrivilegedProcess ? ["--reuid=65534", "--regid=65534", "--clear-groups"] : [];
        string[] words = [.. user, "dotnet", Path.Combine(folder.Path, "dbsafety.dll"), "migration", "run", shop.Migrations,
            "--database-url", shop.Target.Url("test"), "--destination", Path.Combine(folder.Path, "backups"), "--command", "sh", "migrate.sh"];
        var result = await ToolProcess.RunAsync(new ToolCommand("setpriv", words) { Environment = environment }, CancellationToken.None);

        Assert.Contains("DBS457", result.Error, StringComparison.Ordinal);
        Assert.Contains("an address did not answer", result.Error, StringComparison.Ordinal);
        Assert.Equal((10, 0), (await shop.CountAsync("products"), await shop.CountAsync("nothing")));
    }

    /// <summary><c>trap 'kill 0' EXIT</c> is common, and a process group does not end at a namespace.</summary>
    [LongFact]
    public async Task Command_that_signals_its_process_group_ends_only_itself()
    {
        using var tcp = new TcpServer(pg.Target);
        using var shop = await ProjectAsync(tcp, "trap '' TERM\npsql \"$DATABASE_URL\" -c 'INSERT INTO nothing VALUES (1)'\nkill 0");
        // Not this test's process either, should it not be so.
        string[] words = ["--wait", "dotnet", Path.Combine(AppContext.BaseDirectory, "dbsafety.dll"), "migration", "run", shop.Migrations, "--database-url", shop.Target.Url("test"), "--skip-backup", "--command", "sh migrate.sh"];

        var result = await ToolProcess.RunAsync(new ToolCommand("setsid", words), CancellationToken.None);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal(1, await shop.CountAsync("nothing"));
    }

    [Fact]
    public async Task Rehearsed_command_cannot_unmount_the_mounts_that_hide_sockets()
    {
        using var tcp = new TcpServer(pg.Target);
        using var shop = await ProjectAsync(tcp, "case $DATABASE_URL in *@127.0.0.[23]:*) umount -l /run && exit 7;; esac\npsql \"$DATABASE_URL\" -c 'INSERT INTO nothing VALUES (1)'");

        await shop.RunAsync(Request(shop));

        Assert.Equal(1, await shop.CountAsync("nothing"));
    }

    [Fact]
    public async Task Command_does_not_run_on_production_when_its_migrations_change_after_analysis()
    {
        using var tcp = new TcpServer(pg.Target);
        using var shop = await ProjectAsync(tcp, "set -e\nfor f in migrations/*.sql; do psql \"$DATABASE_URL\" -f $f; done\necho 'DELETE FROM products;' >> migrations/1_a.sql\necho 'SELECT 1' > migrations/2_b.sql");
        shop.With("1_a.sql", "INSERT INTO nothing VALUES (1);");

        var failure = await shop.FailsAsync(Request(shop) with { Source = MigrationSource.Sql }, "DBS463");

        Assert.Contains("1_a.sql was changed, 2_b.sql was added", failure.Message, StringComparison.Ordinal);
        Assert.Equal((SafeMigrationOutcome.Refused, 0, 10), (shop.Outcome, await shop.CountAsync("nothing"), await shop.CountAsync("products")));
    }

    [Fact]
    public async Task Change_of_files_that_cannot_be_parsed_as_migrations_is_a_warning()
    {
        using var tcp = new TcpServer(pg.Target);
        using var shop = await ProjectAsync(tcp, "psql \"$DATABASE_URL\" -c 'INSERT INTO nothing VALUES (1)'\ndate +%N > migrations/1_a.js");

        await shop.RunAsync(Request(shop));

        Assert.Contains("1_a.js was added", shop.Events.Text, StringComparison.Ordinal);
    }

    /// <summary>A watcher or daemon that inherits the output keeps it open for as long as it lives.</summary>
    [Fact]
    public async Task Run_does_not_wait_for_background_processes_of_the_command()
    {
        using var tcp = new TcpServer(pg.Target);
        using var shop = await ProjectAsync(tcp, "sleep 20 &\npsql \"$DATABASE_URL\" -c 'INSERT INTO nothing VALUES (1)'");

        var run = await shop.RunAsync(Request(shop) with { SkipRehearsal = true });

        Assert.InRange(run.LockedFor, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Contains("a process that it started still runs", shop.Events.Text, StringComparison.Ordinal);
    }

    /// <summary>A shell's open file or connection, as CI runners and flock leave them.</summary>
    [Fact]
    public async Task Rehearsed_command_does_not_inherit_open_file_descriptors()
    {
        using var tcp = new TcpServer(pg.Target);
        using var shop = await ProjectAsync(tcp, "psql \"$DATABASE_URL\" -c 'SELECT 1'\necho reached >&7 || exit 3\nexit 4");
        using var folder = new TempFolder();
        var open = Path.Combine(folder.Path, "open");
        var script = $"exec 7> '{open}'; exec dotnet '{Path.Combine(AppContext.BaseDirectory, "dbsafety.dll")}' migration run '{shop.Migrations}' --database-url '{shop.Target.Url("test")}' --destination '{Path.Combine(folder.Path, "backups")}' --skip-backup --command sh migrate.sh";

        var result = await ToolProcess.RunAsync(new ToolCommand("sh", "-c", script), CancellationToken.None);

        Assert.Contains("DBS404", result.Error, StringComparison.Ordinal);
        Assert.Contains("exit code 3", result.Error, StringComparison.Ordinal);
        shop.With("1_a.sql", "COPY nothing FROM PROGRAM 'echo reached >&7'");
        var ofScripts = await ToolProcess.RunAsync(new ToolCommand("sh", "-c", script.Replace("--command sh migrate.sh", "--source sql", StringComparison.Ordinal)), CancellationToken.None);
        Assert.Contains("DBS452", ofScripts.Error, StringComparison.Ordinal);
        Assert.Equal("", await File.ReadAllTextAsync(open));
    }

    [Fact]
    public async Task Production_password_is_masked_in_every_encoding_in_the_output_of_a_rehearsed_command()
    {
        using var tcp = new TcpServer(pg.Target);
        using var shop = await ProjectAsync(tcp, "set -e\npsql \"$DATABASE_URL\" -c 'SELECT 1'\necho 'error: S3cret\"Pw/x and S3cret\\\\\"Pw/x and S3cret%22Pw%2fx'\nexit 3");
        var target = shop.Target with { Password = "S3cret\"Pw/x" };

        var failure = await shop.FailsAsync(Request(shop) with { Target = target }, "DBS404");

        Assert.Contains("error: *** and *** and ***", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("S3cret", failure + shop.Events.Text, StringComparison.Ordinal);
    }

    [LongFact]
    public async Task Socket_in_a_relative_folder_is_hidden_from_a_rehearsed_command()
    {
        await using var server = await ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None, "unix_socket_directories=.");
        var production = server.Target with { Host = server.DataFolder };
        await PgServer.ExecuteAsync(production, Shop.Schema);
        using var shop = Shop.At(production);
        Directory.CreateDirectory(shop.Migrations);
        var there = $"set -e; psql \"$DATABASE_URL\" -c 'SELECT 1'; env -u PGHOST psql -h '{server.DataFolder}' -U postgres -d postgres -c 'DELETE FROM products'";

        await shop.FailsAsync(shop.Request() with { SkipBackup = true, Command = new MigrationCommand(["sh", "-c", there]) }, "DBS457");

        Assert.Equal(10, await shop.CountAsync("products"));
    }

    /// <summary>As in a container whose processes are not seen from here: no list has the name by which it is reached.</summary>
    [LongFact]
    public async Task Socket_reached_by_a_symbolic_link_is_hidden_from_a_rehearsed_command()
    {
        await using var other = await ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None);
        using var tcp = new TcpServer(pg.Target);
        using var folder = new TempFolder();
        var ask = $"psql -h '{folder.Path}' -p {other.Target.Port} -U postgres -d postgres -c 'SELECT 1'";
        using var shop = await ProjectAsync(tcp, $"psql \"$DATABASE_URL\" -c 'SELECT 1'; {ask} || exit 7; exit 8");
        var socket = $".s.PGSQL.{other.Target.Port}";
        (await ToolProcess.RunAsync(new ToolCommand("ln", $"{other.Target.Host}/{socket}", $"{folder.Path}/{socket}"), CancellationToken.None)).OrThrow();

        Assert.Contains("exit code 7", (await shop.FailsAsync(Request(shop), "DBS457")).Message, StringComparison.Ordinal);
        (await ToolProcess.RunAsync(new ToolCommand("sh", "-c", ask), CancellationToken.None)).OrThrow();
    }

    /// <summary>Its socket lies beside other things, and comes again with it.</summary>
    [Fact]
    public async Task Server_that_restarts_during_the_rehearsal_is_not_reachable_by_its_socket()
    {
        await using var other = await ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None);
        var folder = other.Target.Host;
        // Not among what the command needs.
        var beside = $"/tmp/dbsafety-test-{Guid.NewGuid():N}";
        await File.WriteAllTextAsync(beside, "");
        using var tcp = new TcpServer(pg.Target);
        using var shop = await ProjectAsync(tcp, $"touch started; until test -e restarted; do sleep 0.1; done; psql \"$DATABASE_URL\" -c 'SELECT 1'; ls '{folder}'/server.log || exit 6; ! ls {beside} || exit 9; psql -h '{folder}' -p {other.Target.Port} -U postgres -d postgres -c 'SELECT 1' || exit 7; exit 8");

        var run = shop.FailsAsync(Request(shop), "DBS457");
        while (!File.Exists(Path.Combine(shop.Root, "started")) && !run.IsCompleted)
            await Task.Delay(50);
        await other.StopImmediatelyAsync(CancellationToken.None);
        await other.StartAgainAsync(CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(shop.Root, "restarted"), "");

        Assert.Contains("exit code 7", (await run).Message, StringComparison.Ordinal);
        File.Delete(beside);
        Assert.Equal(1, await PgServer.ScalarAsync<int>(other.Target, "SELECT 1"));
    }

    [Fact]
    public async Task Command_is_rehearsed_without_isolation_only_with_the_explicit_option()
    {
        using var tcp = new TcpServer(pg.Target);
        using var shop = await ProjectAsync(tcp, "psql \"$DATABASE_URL\" -c 'INSERT INTO nothing VALUES (1)'");
        using var folder = new TempFolder();
        var unshare = Path.Combine(folder.Path, "unshare");
        await File.WriteAllTextAsync(unshare, "#!/bin/sh\necho 'unshare: unshare failed: Operation not permitted' >&2\nexit 1\n");
        File.SetUnixFileMode(unshare, ForAll);
        var environment = new Dictionary<string, string?> { ["PATH"] = folder.Path + ":" + Environment.GetEnvironmentVariable("PATH") };
        string[] words = ["migration", "run", shop.Migrations, "--database-url", shop.Target.Url("test"), "--destination", Path.Combine(shop.Root, "backups"), "--command", "sh migrate.sh"];

        var refused = await Dbsafety.RunAsync(environment, words);
        Assert.Contains("DBS456", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Operation not permitted", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, await shop.CountAsync("nothing"));

        var allowed = await Dbsafety.RunAsync(environment, [.. words, "--allow-unisolated-command"]);
        Assert.True(allowed.ExitCode == 0, allowed.Error);
        Assert.Contains("without isolation", allowed.Error + allowed.Output, StringComparison.Ordinal);
        Assert.Equal(1, await shop.CountAsync("nothing"));
    }

    [Fact]
    public async Task Rehearsal_without_isolation_locks_the_migration_history_of_production_and_fails_when_a_session_waits()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("0_init", "SELECT 1;").WithPrisma("1_note", "SELECT 1;");
        await new ResolveMigration().RunAsync(new MigrationResolveRequest(shop.Migrations, shop.Target, "0_init", MigrationResolution.Baseline), shop.Events, CancellationToken.None);
        var there = $"psql '{shop.Target.Url("app")}' -c \"INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'x', '1_note')\"";

        var failure = await shop.FailsAsync(shop.Request() with { AllowUnisolatedCommand = true, Command = new MigrationCommand(["sh", "-c", there]) }, "DBS459");

        Assert.Contains("(app)", failure.Message, StringComparison.Ordinal);
        Assert.Equal("0_init:Applied 1_note:Pending", await shop.StatesAsync());
    }

    [Fact]
    public async Task Command_that_does_not_connect_to_the_copy_is_not_run_on_production()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_note", "SELECT 1;");
        var failure = await shop.FailsAsync(shop.Request() with { SkipBackup = true, Command = new MigrationCommand(["true"]) }, "DBS458");
        Assert.Contains("it did not connect to it", failure.Message, StringComparison.Ordinal);
        Assert.Equal("1_note:Pending", await shop.StatesAsync());
    }

    [Fact]
    public async Task Command_that_connects_to_the_copy_without_changing_it_is_not_run_on_production()
    {
        using var tcp = new TcpServer(pg.Target);
        using var shop = await ProjectAsync(tcp, "psql \"$DATABASE_URL\" -c 'SELECT 1'\ntest \"$PGHOST\" = 127.0.0.2 || psql -c 'DELETE FROM products'");

        var run = await shop.RunAsync(Request(shop));

        Assert.Equal((SafeMigrationOutcome.NothingToDo, 10), (run.Outcome, await shop.CountAsync("products")));
        Assert.Contains("changed nothing on the copy, so it was not run", run.Stages.Single(s => s.Name == "apply").Evidence, StringComparison.Ordinal);
    }

    /// <summary>A project of no tool that is known, with production's address in all places that a command may have it from.</summary>
    private async Task<Shop> ProjectAsync(TcpServer tcp, string script)
    {
        var own = await pg.CreateDatabaseAsync("shop", Shop.Schema);
        var shop = Shop.At(own with { Host = "127.0.0.1", Port = tcp.Port });
        string Filled(string text) => text.Replace("@PORT@", tcp.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@NAME@", own.Database, StringComparison.Ordinal).Replace("@FOLDER@", pg.Target.Host, StringComparison.Ordinal);
        Directory.CreateDirectory(shop.Migrations);
        Directory.CreateDirectory(Path.Combine(shop.Root, "settings"));
        File.SetUnixFileMode(shop.Root, ForAll);
        string[][] files =
        [
            ["migrate.sh", Filled(script)],
            ["package.json", "{}"],
            [".env", Filled("DB_HOST=127.0.0.1\nDB_PORT=@PORT@\nDB_NAME=@NAME@\nSPRING_DATASOURCE_URL=jdbc:postgresql://localhost:@PORT@/@NAME@?user=postgres\n")],
            ["settings/app.env", Filled("APP_HOST=127.0.0.1\nAPP_PORT=@PORT@\nAPP_NAME=@NAME@\n")],
            ["settings/override.env", Filled("DATABASE_URL=postgresql://postgres@127.0.0.1:@PORT@/@NAME@\n")],
            ["settings/application.properties", Filled("spring.datasource.url=jdbc:postgresql://127.0.0.1:@PORT@/@NAME@?user=postgres\n")],
        ];
        foreach (var file in files)
            await File.WriteAllTextAsync(Path.Combine(shop.Root, file[0]), file[1]);
        await PrismaCli.PrepareAsync(shop.Root);
        return shop;
    }

    private static SafeMigrationRequest Request(Shop shop) => shop.Request() with { SkipBackup = true, Command = MigrationCommand.Parse(["sh migrate.sh"]) };

    /// <summary>The server's way in by TCP.</summary>
    private sealed class TcpServer : IDisposable
    {
        private readonly SocketForwarder forwarder;

        public TcpServer(DatabaseTarget server)
        {
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                Port = ((IPEndPoint)free.LocalEndpoint).Port;
            }

            forwarder = new SocketForwarder(new IPEndPoint(IPAddress.Loopback, Port), new UnixDomainSocketEndPoint(Path.Combine(server.Host, $".s.PGSQL.{server.Port}")));
        }

        public int Port { get; }

        public void Dispose() => forwarder.Dispose();
    }
}
