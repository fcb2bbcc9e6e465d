using DbSafety.Backups;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Stages;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Copies that nothing keeps from the network, and those on production's own server.</summary>
[Collection(ScriptServerGroup.Name)]
public sealed class UnisolatedCopyTests(PgServer pg, RemoteServer remote) : IClassFixture<RemoteServer>
{
    /// <summary>Each function notes on the other server who called it, and which server it was on; what goes wrong there it keeps to itself.</summary>
    private string Calling =>
        $$"""
        CREATE EXTENSION dblink; CREATE EXTENSION postgres_fdw;
        CREATE SERVER bank FOREIGN DATA WRAPPER postgres_fdw OPTIONS (hostaddr '127.0.0.1', port '{{remote.Target.Port}}', dbname 'postgres');
        CREATE USER MAPPING FOR PUBLIC SERVER bank OPTIONS (user 'postgres', password 'secret');
        CREATE FOREIGN TABLE log (way text) SERVER bank;
        CREATE FUNCTION tell(way text, id int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $f$
        BEGIN PERFORM public.dblink_exec('{{remote.ByAddress()}}', format('INSERT INTO log VALUES (%L)', 'by ' || way || ' on ' || pg_catalog.current_setting('data_directory'))); RETURN id;
        EXCEPTION WHEN OTHERS THEN RETURN id; END $f$;
        CREATE FUNCTION write(id int) RETURNS boolean LANGUAGE plpgsql AS $f$
        BEGIN INSERT INTO public.log VALUES ('by foreign table on ' || pg_catalog.current_setting('data_directory')); RETURN true;
        EXCEPTION WHEN OTHERS THEN RETURN true; END $f$;
        CREATE FUNCTION valid(text[], oid) RETURNS void LANGUAGE plpgsql AS 'BEGIN END'; CREATE FOREIGN DATA WRAPPER own HANDLER postgres_fdw_handler VALIDATOR valid;
        CREATE SERVER owned FOREIGN DATA WRAPPER own OPTIONS (hostaddr '127.0.0.1', port '{{remote.Target.Port}}', dbname 'postgres'); CREATE USER MAPPING FOR PUBLIC SERVER owned OPTIONS (user 'postgres', password 'secret');
        CREATE FOREIGN TABLE owned_log (way text) SERVER owned OPTIONS (table_name 'log');
        CREATE FUNCTION write_owned(id int) RETURNS boolean LANGUAGE plpgsql AS $f$
        BEGIN INSERT INTO public.owned_log VALUES ('by own wrapper on ' || pg_catalog.current_setting('data_directory')); RETURN true;
        EXCEPTION WHEN OTHERS THEN RETURN true; END $f$;
        CREATE FUNCTION "do it"(id int) RETURNS int IMMUTABLE LANGUAGE sql AS $f$ SELECT public.tell('index', id) $f$;
        CREATE TABLE indexed (id int); INSERT INTO indexed VALUES (1); CREATE INDEX ON indexed ("do it"(id));
        CREATE TABLE measured (id int); INSERT INTO measured SELECT generate_series(1, 20); CREATE STATISTICS measures ON (public.tell('statistics', id)) FROM measured; ANALYZE measured;
        CREATE TABLE parted (id int) PARTITION BY RANGE (public.tell('partition key', id)); CREATE TABLE parted_all PARTITION OF parted DEFAULT; INSERT INTO parted VALUES (1);
        CREATE TABLE checked (id int CHECK (public.write(id))); INSERT INTO checked VALUES (1);
        CREATE TABLE checked_too (id int CHECK (public.write_owned(id))); INSERT INTO checked_too VALUES (1);

        CREATE DOMAIN number AS int DEFAULT public.tell('domain', 1); CREATE TABLE defaulted (id int, n number);
        CREATE TABLE watched (id int); CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER watching BEFORE INSERT ON watched FOR EACH ROW WHEN (public.tell('trigger condition', NEW.id) = 1) EXECUTE FUNCTION keep();
        CREATE TABLE audited (id int); CREATE FUNCTION "audit-log"() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.tell('trigger', 1); RETURN NEW; END $f$;
        CREATE TRIGGER audit AFTER INSERT ON audited FOR EACH ROW EXECUTE FUNCTION "audit-log"();
        CREATE FUNCTION same(a int, b text) RETURNS boolean LANGUAGE sql AS $f$ SELECT public.tell('operator', a) = 1 $f$; CREATE OPERATOR === (LEFTARG = int, RIGHTARG = text, FUNCTION = same);
        CREATE TYPE pair AS (a int); CREATE FUNCTION into_pair(id int) RETURNS pair LANGUAGE sql AS $f$ SELECT ROW(public.tell('cast', id))::public.pair $f$; CREATE CAST (int AS pair) WITH FUNCTION into_pair(int) AS ASSIGNMENT;
        CREATE TABLE paired (p pair);
        CREATE FUNCTION "on ddl"() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.tell('event trigger', 1); END $f$;
        CREATE EVENT TRIGGER "on ddl" ON ddl_command_start WHEN TAG IN ('CREATE SEQUENCE') EXECUTE FUNCTION "on ddl"();
        """;

    private static readonly string[] Ways =
        ["index", "statistics", "partition key", "foreign table", "own wrapper", "domain", "trigger condition", "trigger", "operator", "cast", "event trigger"];

    [Fact]
    public async Task Functions_that_a_database_calls_implicitly_reach_no_other_server_from_a_copy_that_is_not_isolated()
    {
        using var shop = (await Shop.OpenAsync(pg, Calling)).With("1_a.sql", """
            INSERT INTO defaulted (id) VALUES (1); INSERT INTO watched VALUES (1); INSERT INTO audited VALUES (1);
            SELECT 1 WHERE 1 === 'x'; INSERT INTO paired VALUES (1); CREATE SEQUENCE numbers;
            """);
        var production = await PgServer.ScalarAsync<string>(shop.Target, "SELECT current_setting('data_directory')");

        var result = await RunAsync(shop);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal(0, await remote.CountAsync($"log WHERE way LIKE 'by % on %' AND way NOT LIKE '% on {production}'"));
        Assert.Contains("dblink, http and foreign servers are disabled on the copy", result.Output + result.Error, StringComparison.Ordinal);
        // Each of these ways is one: production itself goes it.
        foreach (var way in Ways)
            Assert.True(await remote.CountAsync($"log WHERE way = 'by {way} on {production}'") > 0, way);
    }

    [Fact]
    public async Task A_script_that_writes_files_is_refused_if_the_copy_is_not_isolated()
    {
        var folder = Directory.CreateTempSubdirectory("dbsafety-files-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        using var shop = (await Shop.OpenAsync(pg, "SELECT lo_create(424242)")).With("1_a.sql", $"""
            COPY (SELECT 1) TO '{folder}/copied';
            SELECT lo_export(424242, '{folder}/exported');
            DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO ''{folder}/executed'''; END $$;
            SELECT 1 / 0;
            """);

        var result = await RunAsync(shop);

        Assert.Empty(Directory.EnumerateFiles(folder));
        Directory.Delete(folder);
        Assert.Contains("DBS451", result.Error, StringComparison.Ordinal);
        Assert.All([1, 2, 3], line => Assert.Contains($"1_a.sql line {line} writes a file on the server host", result.Error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CREATE OR REPLACE FUNCTION holds(id int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.dblink_exec('{0}', 'DELETE FROM accounts'); RETURN true; END $f$;", "function dblink_exec of extension dblink is disabled")]
    [InlineData("CREATE OR REPLACE FUNCTION holds(id int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $f$ BEGIN UPDATE public.accounts SET balance = 0; RETURN true; END $f$;", "has no handler")]
    public async Task No_copy_is_created_if_restoring_its_rows_requires_another_server(string sql, string reported)
    {
        using var shop = (await Shop.OpenAsync(pg, $"""
            CREATE EXTENSION dblink; CREATE EXTENSION postgres_fdw; CREATE SERVER bank FOREIGN DATA WRAPPER postgres_fdw OPTIONS (hostaddr '127.0.0.1', port '{remote.Target.Port}', dbname 'postgres');
            CREATE USER MAPPING FOR PUBLIC SERVER bank OPTIONS (user 'postgres', password 'secret'); CREATE FOREIGN TABLE accounts (id int, balance int) SERVER bank;
            CREATE FUNCTION holds(id int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN true; END'; CREATE TABLE t (id int CHECK (holds(id))); INSERT INTO t VALUES (1);
            {sql.Replace("{0}", remote.ByAddress(), StringComparison.Ordinal)}
            """)).With("1_a.sql", "SELECT 1");

        var refusal = await BesideProductionAsync(shop);

        Assert.Equal("DBS464", refusal.Code);
        Assert.Contains(reported, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(2, await remote.CountAsync("accounts WHERE balance = 100"));
        Assert.Equal(0, await PgServer.ScalarAsync<long>(shop.Target, "SELECT count(*) FROM pg_database WHERE datname LIKE current_database() || '\\_%'"));
    }

    [Fact]
    public async Task A_drill_that_is_not_isolated_does_not_reach_other_servers()
    {
        using var shop = await Shop.OpenAsync(pg, $"""
            CREATE EXTENSION dblink; CREATE FUNCTION holds(id int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN true; END'; CREATE TABLE t (id int CHECK (holds(id))); INSERT INTO t VALUES (1);
            CREATE OR REPLACE FUNCTION holds(id int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.dblink_exec('{remote.ByAddress()}', 'INSERT INTO log VALUES (''by drill'')'); RETURN true; END $f$;
            """);
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(shop.Target, shop.Root), shop.Events, CancellationToken.None);

        var result = await Dbsafety.RunAsync(WithoutUnshare(shop), "backup", "test", backup.Path, "--drill");

        Assert.Equal(0, await remote.CountAsync("log WHERE way = 'by drill'"));
        Assert.Contains("DBS225", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rehearsal_on_the_production_server_refuses_indirect_calls_that_change_the_server()
    {
        using var shop = (await Shop.OpenAsync(pg, """
            CREATE FUNCTION "make it"() RETURNS int LANGUAGE plpgsql AS 'BEGIN CREATE ROLE made_by_copy; RETURN 1; END';
            CREATE FUNCTION "put it"() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN EXECUTE 'CREATE ' || 'ROLE made_by_copy'; RETURN 1; END $f$;
            CREATE DOMAIN number AS int DEFAULT "make it"(); CREATE TABLE t (id int, n number);
            CREATE DOMAIN other AS int DEFAULT "put it"(); CREATE TABLE u (id int, n other);
            """)).With("1_a.sql", "INSERT INTO t (id) VALUES (1); SELECT pg_stat_statements_reset();");

        var refusal = await BesideProductionAsync(shop);

        Assert.Equal("DBS451", refusal.Code);
        Assert.Contains("routine make it changes a role, which is shared by all databases of the server", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("the default of domain other calls put it, which runs dynamic SQL", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("1_a.sql line 1 affects the entire server", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_routines_that_access_external_systems_are_reported_and_no_others()
    {
        var target = await pg.CreateDatabaseAsync("shop", """
            CREATE EXTENSION dblink; CREATE EXTENSION tablefunc;
            CREATE FUNCTION run_it() RETURNS void LANGUAGE sql AS $f$ COPY (SELECT 1) TO PROGRAM 'true' $f$;
            CREATE FUNCTION "save it"() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN EXECUTE format('COPY t TO %L', '/x'); END $f$;
            CREATE FUNCTION put(oid, text) RETURNS int LANGUAGE internal AS 'be_lo_export';
            DO $d$ BEGIN EXECUTE $e$ CREATE FUNCTION atomic(o oid) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT lo_export(o, '/x'); END $e$; END $d$;
            CREATE FUNCTION loose(int) RETURNS int LANGUAGE c AS '$libdir/refint', 'check_primary_key';
            CREATE OPERATOR ### (LEFTARG = oid, RIGHTARG = text, FUNCTION = lo_export);
            """);
        var clean = await pg.CreateDatabaseAsync("shop", """
            CREATE EXTENSION dblink; CREATE EXTENSION tablefunc; CREATE EXTENSION pg_stat_statements; CREATE EXTENSION file_fdw;
            CREATE TABLE program (id int, role int); CREATE VIEW programs AS SELECT * FROM program;
            CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN -- copy it to 'audit'
                EXECUTE format('INSERT INTO %I SELECT ($1).*', 'audit_' || TG_TABLE_NAME) USING NEW; RETURN NEW; END $f$;
            CREATE TRIGGER audit AFTER INSERT ON program FOR EACH ROW EXECUTE FUNCTION audit();
            CREATE FUNCTION far() RETURNS text LANGUAGE sql AS $f$ SELECT dblink_exec('x', 'y') $f$;
            CREATE FUNCTION sum_up() RETURNS bigint LANGUAGE sql AS $f$ SELECT count(*) FROM program JOIN program AS role ON role.id = program.role $f$;
            """);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        await using var other = await clean.OpenAsync(CancellationToken.None);

        var held = (await OutsideReach.ReadAsync(connection, ReachScope.Machine, CancellationToken.None)).Held;
        var reach = await OutsideReach.ReadAsync(other, ReachScope.Machine, CancellationToken.None);

        Assert.Equal(
            ["operator ### writes a file on the server host", "routine atomic writes a file on the server host", "routine loose is written in an untrusted or unknown language",
                "routine put writes a file on the server host", "routine run_it runs a program on the server host", "routine save it writes a file on the server host"],
            held.Order(StringComparer.Ordinal));
        Assert.Empty(reach.Held);
        Assert.Equal(["dynamic SQL in audit"], reach.Unread);
        Assert.Empty((await OutsideReach.ReadAsync(other, ReachScope.Server, CancellationToken.None)).Held);
    }

    [Fact]
    public async Task A_role_that_cannot_disable_functions_that_connect_to_other_servers_cannot_create_a_copy()
    {
        var target = await pg.CreateDatabaseAsync("shop", "CREATE EXTENSION dblink; CREATE ROLE maker LOGIN CREATEDB; GRANT CREATE ON SCHEMA public TO maker;");
        await using var connection = await (target with { Username = "maker" }).OpenAsync(CancellationToken.None);
        try
        {
            var refusal = await Assert.ThrowsAsync<DbSafetyException>(() => DisabledExtensions.DisableAsync(connection, "shop", CancellationToken.None));

            Assert.Equal("DBS460", refusal.Code);
            Assert.Contains("must be owner of function", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            await connection.CloseAsync();
            await PgServer.ExecuteAsync(target, "DROP OWNED BY maker; DROP ROLE maker");
        }
    }

    private static Task<DbsafetyResult> RunAsync(Shop shop) =>
        Dbsafety.RunAsync(WithoutUnshare(shop), "migration", "run", shop.Migrations, "--database-url", DrizzleTools.Url(shop.Target), "--skip-backup", "--allow-all", "--yes", "--verbose");

    /// <summary>As on a machine without that program, which isolates.</summary>
    private static Dictionary<string, string?> WithoutUnshare(Shop shop)
    {
        var programs = Directory.CreateDirectory(Path.Combine(shop.Root, "programs")).FullName;
        foreach (var program in new[] { "dotnet", "mkdir", "sh" })
            File.CreateSymbolicLink(Path.Combine(programs, program), Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(f => Path.Combine(f, program)).First(File.Exists));
        return new() { ["PATH"] = programs };
    }

    /// <summary>An extension that no other server has leaves production's own.</summary>
    private static async Task<DbSafetyException> BesideProductionAsync(Shop shop)
    {
        await using var run = new SafeMigrationRun(shop.Request(), MigrationProject.Open(shop.Migrations, shop.Target), shop.Events);
        await Preflight.RunAsync(run, CancellationToken.None);
        await BackUp.RunAsync(run, CancellationToken.None);
        run.Backup = run.Backup! with { Manifest = run.Backup.Manifest with { Extensions = [new("not_to_be_had", "1", "public")] } };
        return await Assert.ThrowsAsync<DbSafetyException>(() => Rehearse.RunAsync(run, CancellationToken.None));
    }
}
