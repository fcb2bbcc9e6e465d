using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DbSafety.Backups;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Stages;
using DbSafety.Operations;
using DbSafety.Restores;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>A second real server, a publisher too, that answers at a TCP port and at a socket.</summary>
public sealed class RemoteServer : IAsyncLifetime
{
    private ScratchServer? server;
    private int port;

    public DatabaseTarget Target => server!.Target with { Port = port };

    /// <summary>For libpq, by its address.</summary>
    public string ByAddress(string host = "127.0.0.1") => string.Create(CultureInfo.InvariantCulture, $"host={host} port={port} user=postgres dbname=postgres");

    public string BySocket => ByAddress(server!.Target.Host);

    public async ValueTask InitializeAsync()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        server = await ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None, "listen_addresses=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"port={port}"), "wal_level=logical");
        await PgServer.ExecuteAsync(Target, "CREATE TABLE accounts (id int PRIMARY KEY, balance int); INSERT INTO accounts VALUES (1, 100), (2, 100); CREATE TABLE log (way text); CREATE PUBLICATION accounts FOR TABLE accounts");
    }

    public Task<long> CountAsync(string table) => PgServer.ScalarAsync<long>(Target, $"SELECT count(*) FROM {table}");

    public async ValueTask DisposeAsync() => await server!.DisposeAsync();
}

[Collection(ScriptServerGroup.Name)]
public sealed class RehearsalReachTests(PgServer pg, RemoteServer remote) : IClassFixture<RemoteServer>
{
    private string Schema =>
        $"""
        {Shop.Schema}
        CREATE EXTENSION dblink; CREATE EXTENSION postgres_fdw;
        CREATE SERVER bank FOREIGN DATA WRAPPER postgres_fdw OPTIONS (hostaddr '127.0.0.1', port '{remote.Target.Port}', dbname 'postgres');
        CREATE USER MAPPING FOR PUBLIC SERVER bank OPTIONS (user 'postgres', password 'secret');
        CREATE FOREIGN TABLE accounts (id int, balance int) SERVER bank;
        CREATE FOREIGN TABLE log (way text) SERVER bank;
        """;

    [Fact]
    public async Task A_rehearsal_reaches_no_other_server_by_network_or_socket()
    {
        var psql = "psql --no-psqlrc --no-password";
        string[] ways =
        [
            $"PERFORM dblink_exec('{remote.ByAddress()}', 'INSERT INTO log VALUES (''by address'')');",
            $"PERFORM dblink_exec('{remote.ByAddress("localhost")}', 'INSERT INTO log VALUES (''by name'')');",
            $"PERFORM dblink_exec('{remote.BySocket}', 'INSERT INTO log VALUES (''by socket'')');",
            "PERFORM dblink_exec('bank', 'INSERT INTO log VALUES (''by server'')');",
            $"COPY nothing FROM PROGRAM '{psql} \"{remote.ByAddress()}\" --quiet --command \"INSERT INTO log VALUES (''by program'')\"';",
            $"COPY nothing FROM PROGRAM '{psql} \"{remote.BySocket}\" --quiet --command \"INSERT INTO log VALUES (''by socket of a program'')\"';",
            "INSERT INTO log VALUES ('by foreign table');",
            $"EXECUTE 'ALTER SERVER bank OPTIONS (SET hostaddr ''127.0.0.1'', SET port ''{remote.Target.Port}'')'; INSERT INTO log VALUES ('by changed server');",
        ];
        var script = string.Join('\n', ways.Select(w => $"DO $$ BEGIN {w} EXCEPTION WHEN OTHERS THEN RAISE WARNING '%', SQLERRM; END $$;"));
        using var shop = (await Shop.OpenAsync(pg, Schema + "CREATE MATERIALIZED VIEW balances AS SELECT balance FROM accounts")).With("1_out.sql", script + "\nCREATE TABLE made (id int);");

        var evidence = await RehearseAsync(shop);

        const string rows = "log WHERE way LIKE 'by %'";
        Assert.Equal(0, await remote.CountAsync(rows));
        Assert.Contains("isolated (no access to the network or to other servers)", evidence, StringComparison.Ordinal);
        Assert.Contains("not rehearsed, because it acts outside the database: 1_out.sql line 1 calls dblink_exec, which connects to another server", evidence, StringComparison.Ordinal);
        Assert.Contains("balances is not populated: it reads foreign tables", shop.Events.Text, StringComparison.Ordinal);
        // Each of these ways is one where nothing is in the way.
        await PgServer.ExecuteAsync(shop.Target, script);
        Assert.Equal(ways.Length, await remote.CountAsync(rows));
    }

    [Fact]
    public async Task The_copy_has_neither_the_addresses_nor_the_passwords_of_foreign_servers()
    {
        var servers = $"pg_foreign_server WHERE srvoptions::text LIKE '%port={remote.Target.Port}%'";
        const string passwords = "pg_user_mappings WHERE umoptions::text LIKE '%secret%'";
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_a.sql", $"DO $$ BEGIN IF EXISTS (SELECT FROM {servers}) OR EXISTS (SELECT FROM {passwords}) THEN RAISE division_by_zero; END IF; END $$;");

        await RehearseAsync(shop);

        Assert.Equal((1, 1), (await shop.CountAsync(servers), await shop.CountAsync(passwords)));
    }

    [RootFact]
    public async Task A_rehearsal_writes_no_file_on_the_host()
    {
        var folder = Directory.CreateDirectory($"/usr/local/share/dbsafety-test-{Guid.NewGuid():N}").FullName;
        try
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
            var sql = $"COPY (SELECT 1) TO '{folder}/written'";
            using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_a.sql", sql);

            var refusal = await Assert.ThrowsAsync<DbSafetyException>(() => RehearseAsync(shop));

            Assert.Contains("Read-only file system", refusal.Message, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFiles(folder));
            await PgServer.ExecuteAsync(shop.Target, sql);
            Assert.Single(Directory.EnumerateFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_rehearsal_that_requires_another_server_stops_and_reports_the_connection_failure()
    {
        (string Sql, string Reported)[] scripts =
        [
            ("CREATE TABLE made (id int);\nUPDATE accounts SET balance = 0;", "1_a.sql line 2: could not connect to server \"bank\""),
            ($"CREATE SUBSCRIPTION ours CONNECTION '{remote.ByAddress()}' PUBLICATION accounts WITH (copy_data = false)", "could not connect to the publisher"),
            ($"SELECT dblink_exec('{remote.BySocket}', 'DELETE FROM accounts')", "could not establish connection"),
            ($"COPY nothing FROM PROGRAM 'psql --no-password \"{remote.BySocket}\" --command \"DELETE FROM accounts\"'", "failed"),
        ];
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_a.sql", "SELECT 1");
        await using var run = await PreparedAsync(shop);
        foreach (var (sql, reported) in scripts)
        {
            run.Pending = [run.Pending[0] with { Bytes = Encoding.UTF8.GetBytes(sql) }];
            var refusal = await Assert.ThrowsAsync<DbSafetyException>(() => Rehearse.RunAsync(run, CancellationToken.None));
            Assert.Equal("DBS452", refusal.Code);
            Assert.Contains(reported, refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(2, await remote.CountAsync("accounts WHERE balance = 100"));
        Assert.Equal(0, await remote.CountAsync("pg_replication_slots"));
    }

    [Fact]
    public async Task A_rehearsal_on_the_production_server_refuses_statements_that_affect_the_server_or_external_systems()
    {
        string[] scripts =
        [
            "CREATE ROLE made_by_rehearsal", "ALTER USER postgres SET work_mem = '8MB'", "GRANT pg_monitor TO postgres", "ALTER SYSTEM SET work_mem = '8MB'",
            "COMMENT ON DATABASE postgres IS 'x'", "DO $$ BEGIN CREATE ROLE made_by_rehearsal; END $$", "DO $$ BEGIN EXECUTE format('CREATE %s x', 'ROLE'); END $$",
            "SELECT pg_terminate_backend(1) WHERE false", "SELECT make_role('made_by_rehearsal')", "SELECT indirect()", "SELECT dblink_exec('x', 'y')", "COPY nothing TO '/tmp/x'",
            "CREATE DATABASE made_by_rehearsal", "DROP SUBSCRIPTION IF EXISTS ours", "COPY nothing FROM PROGRAM 'true'",
            "UPDATE pg_catalog.pg_database SET datconnlimit = 7", "DO $$ BEGIN COPY nothing TO '/tmp/x'; END $$", "SELECT query_to_xml('SELECT 1', true, true, '')",
        ];
        using var shop = (await Shop.OpenAsync(pg, $"""
            {Schema}
            CREATE FUNCTION make_role(name text) RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE format(''CREATE ROLE %I'', name); END';
            CREATE FUNCTION indirect() RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM make_role(''made_by_rehearsal''); END';
            """)).With("1_a.sql", "SELECT 1");
        await using var run = await PreparedAsync(shop);
        run.Backup = run.Backup! with { Manifest = run.Backup.Manifest with { Extensions = [new("not_to_be_had", "1", "public")] } };
        run.Pending = [run.Pending[0] with { Bytes = Encoding.UTF8.GetBytes(string.Join(";\n", scripts)) }];
        var refusal = await Assert.ThrowsAsync<DbSafetyException>(() => Rehearse.RunAsync(run, CancellationToken.None));
        Assert.Equal("DBS451", refusal.Code);
        Assert.Contains("it would be a database on the production server", refusal.Message, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(1, scripts.Length), line => Assert.Contains($"1_a.sql line {line} ", refusal.Message, StringComparison.Ordinal));

        await PgServer.ExecuteAsync(shop.Target, "DROP FUNCTION make_role, indirect");
        run.Pending = [run.Pending[0] with { Bytes = Encoding.UTF8.GetBytes("GRANT SELECT ON nothing TO PUBLIC; CREATE USER MAPPING FOR postgres SERVER bank; INSERT INTO categories VALUES (9999, 'create user')") }];
        Assert.Contains("was found in the scripts", await Rehearse.RunAsync(run, CancellationToken.None), StringComparison.Ordinal);
        // The copy's foreign-data wrappers do nothing there either.
        run.Pending = [run.Pending[0] with { Bytes = Encoding.UTF8.GetBytes("UPDATE accounts SET balance = 0") }];
        Assert.Equal("DBS452", (await Assert.ThrowsAsync<DbSafetyException>(() => Rehearse.RunAsync(run, CancellationToken.None))).Code);
        Assert.Equal(2, await remote.CountAsync("accounts WHERE balance = 100"));
    }

    [Theory]
    [InlineData("SELECT dblink_exec('{0}', 'DELETE FROM accounts');\nCREATE TABLE imported AS SELECT * FROM feed;\nCREATE FOREIGN TABLE more (line text) SERVER files OPTIONS (program 'echo 1')", "DBS451",
        "1_a.sql line 1 calls dblink_exec, which connects to another server", "1_a.sql line 2 uses feed, which runs a program on the server host", "1_a.sql line 3 defines a foreign table that runs a program")]
    [InlineData("UPDATE accounts SET balance = 0 WHERE id = 1", "DBS452", "foreign-data wrapper \"postgres_fdw\" has no handler")]
    [InlineData("SELECT 1 / 0", "DBS404", "materialized view public.held is not populated: it reads foreign tables")]
    public async Task A_rehearsal_on_a_copy_that_cannot_be_isolated_does_not_reach_other_servers(string sql, string code, params string[] reported)
    {
        var schema = Schema + "CREATE MATERIALIZED VIEW held AS SELECT * FROM accounts; CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE feed (line text) SERVER files OPTIONS (program 'echo 1');";
        using var shop = (await Shop.OpenAsync(pg, schema)).With("1_a.sql", sql.Replace("{0}", remote.ByAddress(), StringComparison.Ordinal));
        // A machine without unshare.
        var programs = Directory.CreateDirectory(Path.Combine(shop.Root, "programs")).FullName;
        foreach (var program in new[] { "dotnet", "mkdir", "sh" })
            File.CreateSymbolicLink(Path.Combine(programs, program), Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(f => Path.Combine(f, program)).First(File.Exists));

        var result = await Dbsafety.RunAsync(new Dictionary<string, string?> { ["PATH"] = programs }, "migration", "run", shop.Migrations, "--database-url", DrizzleTools.Url(shop.Target), "--skip-backup", "--allow-all");

        Assert.True(result.ExitCode == 3, result.Output + result.Error);
        Assert.True(result.Error.Contains(code, StringComparison.Ordinal), result.Error);
        Assert.All(reported, s => Assert.Contains(s, result.Error, StringComparison.Ordinal));
        Assert.Equal(2, await remote.CountAsync("accounts WHERE balance = 100"));
    }

    [Fact]
    public async Task A_database_whose_restore_connects_to_another_server_is_not_rehearsed_and_a_drill_does_not_report_damage()
    {
        using var shop = (await Shop.OpenAsync(pg, $"{Schema} CREATE FUNCTION asked() RETURNS int LANGUAGE sql AS $$ SELECT id FROM public.dblink('{remote.ByAddress()}', 'SELECT 1') AS t(id int) $$; CREATE MATERIALIZED VIEW answers AS SELECT asked()")).With("1_a.sql", "SELECT 1;");

        var refusal = await shop.FailsAsync(shop.Request(), "DBS464");
        Assert.Contains("could not establish connection", refusal.Message, StringComparison.Ordinal);
        var set = Directory.GetFiles(Path.Combine(shop.Root, "backups"), "*.json").Single();
        var drill = await Assert.ThrowsAsync<DbSafetyException>(() => new DrillBackup().RunAsync(new BackupTestRequest(set), shop.Events, CancellationToken.None));
        Assert.Equal("DBS225", drill.Code);
    }

    [Fact]
    public async Task A_role_named_postgres_has_the_same_privileges_in_the_rehearsal_as_in_production()
    {
        await using var managed = await ScratchServer.StartIsolatedAsync(null, new ScratchIsolation { Superuser = "provider" }, OperationEvents.None, CancellationToken.None);
        await PgServer.ExecuteAsync(managed.Target, "CREATE ROLE postgres LOGIN CREATEDB CREATEROLE");
        await PgServer.ExecuteAsync(managed.Target, "CREATE DATABASE shop OWNER postgres");
        var target = managed.Target.On("shop");
        await PgServer.ExecuteAsync(target with { Username = "postgres" }, "CREATE TABLE mine (id int)");
        await PgServer.ExecuteAsync(target, "CREATE TABLE theirs (id int); GRANT SELECT ON theirs TO postgres; GRANT CREATE ON SCHEMA public TO postgres");
        using var shop = Shop.At(target with { Username = "postgres" }).With("1_a.sql", "ALTER TABLE mine ADD COLUMN x int; ALTER TABLE theirs ADD COLUMN x int;");

        var refusal = await Assert.ThrowsAsync<DbSafetyException>(() => RehearseAsync(shop));

        Assert.Equal("DBS404", refusal.Code);
        Assert.Contains("must be owner of table theirs", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT dblink_exec('{0}', 'INSERT INTO log VALUES (''{1}'')');")]
    [InlineData("SELECT tell();")]
    public async Task A_script_that_reached_another_server_is_not_retried_after_a_lock_timeout(string sql)
    {
        var row = Guid.NewGuid().ToString("N");
        using var shop = await Shop.OpenAsync(pg, $"{Schema} CREATE FUNCTION tell() RETURNS text LANGUAGE sql AS $$ SELECT dblink_exec('{remote.ByAddress()}', 'INSERT INTO log VALUES (''{row}'')') $$");
        shop.With("1_a.sql", string.Format(CultureInfo.InvariantCulture, sql, remote.ByAddress(), row) + "\nALTER TABLE nothing ADD COLUMN x int;");
        await using var other = await shop.Target.OpenAsync(CancellationToken.None);
        await other.ExecuteAsync("BEGIN; LOCK TABLE nothing", CancellationToken.None);

        var failure = await shop.FailsAsync(shop.Quick() with { LockTimeout = TimeSpan.FromMilliseconds(100), LockRetries = 3 }, "DBS454");

        Assert.Contains("1_a.sql line 1", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, await remote.CountAsync($"log WHERE way = '{row}'"));
    }

    [Fact]
    public async Task A_script_is_retried_after_a_lock_timeout_if_it_has_not_reached_another_server()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_a.sql", $"ALTER TABLE nothing ADD COLUMN x int;\nSELECT dblink_exec('{remote.ByAddress()}', 'INSERT INTO log VALUES (''once'')');");
        await using var other = await shop.Target.OpenAsync(CancellationToken.None);
        await other.ExecuteAsync("BEGIN; LOCK TABLE nothing", CancellationToken.None);
        using var at = StepListener.At("migration: lock timeout", () => other.ExecuteAsync("ROLLBACK", CancellationToken.None));

        await shop.RunAsync(shop.Quick() with { LockTimeout = TimeSpan.FromMilliseconds(100) });

        Assert.Equal(1, await remote.CountAsync("log WHERE way = 'once'"));
    }

    private static async Task<string> RehearseAsync(Shop shop)
    {
        await using var run = await PreparedAsync(shop);
        return await Rehearse.RunAsync(run, CancellationToken.None);
    }

    private static async Task<SafeMigrationRun> PreparedAsync(Shop shop)
    {
        var run = new SafeMigrationRun(shop.Request(), MigrationProject.Open(shop.Migrations, shop.Target), shop.Events);
        await Preflight.RunAsync(run, CancellationToken.None);
        await BackUp.RunAsync(run, CancellationToken.None);
        return run;
    }
}
