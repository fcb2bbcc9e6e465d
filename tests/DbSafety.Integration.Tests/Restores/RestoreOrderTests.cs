using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Integration.Tests.Rounds.Versions;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>In which order what follows the rows is restored: what reads, writes or is refused in between must not change what comes out.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class RestoreOrderTests(PgServer pg)
{
    /// <summary>A log of all DDL, and materialized views that write while they are filled.</summary>
    private const string Writing = """
        CREATE TABLE orders (n int); INSERT INTO orders VALUES (1), (2);
        CREATE TABLE log (what text); CREATE SEQUENCE ids;
        CREATE FUNCTION noted() RETURNS int LANGUAGE sql SET search_path = public AS $$ INSERT INTO log VALUES ('filled'); SELECT 1 $$;
        CREATE FUNCTION counted() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(*) FROM public.orders); END $$;
        CREATE MATERIALIZED VIEW totals AS SELECT sum(n) FROM orders;
        CREATE MATERIALIZED VIEW numbered AS SELECT nextval('ids') AS id;
        CREATE MATERIALIZED VIEW writing AS SELECT noted() AS n;
        CREATE MATERIALIZED VIEW calling AS SELECT counted() AS n;
        CREATE TABLE ddl (tag text);
        CREATE FUNCTION log_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.ddl VALUES (tg_tag); END $$;
        CREATE EVENT TRIGGER log_ddl ON ddl_command_end EXECUTE FUNCTION log_ddl();
        ALTER EVENT TRIGGER log_ddl DISABLE; TRUNCATE ddl; ALTER EVENT TRIGGER log_ddl ENABLE ALWAYS;
        """;

    private const string Filled = "SELECT (SELECT sum FROM totals)::text || (SELECT count(*) FROM numbered) || (SELECT n FROM writing) || (SELECT n FROM calling) || (SELECT evtenabled::text FROM pg_event_trigger WHERE evtname = 'log_ddl')";

    [Theory]
    [InlineData(BackupFormat.Custom)]
    [InlineData(BackupFormat.Plain)]
    public async Task A_set_with_event_triggers_and_materialized_views_that_write_rows_is_restored(BackupFormat format)
    {
        var source = await WritingAsync();
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None);

        await RestoresAsync(backup.Path, source);
        Assert.True((await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, source) { InPlaceBackup = folder.Path }, new RecordedEvents(), CancellationToken.None)).Verified);
        Assert.Equal("3112A", await PgServer.ScalarAsync<string>(source, Filled));
    }

    [Theory]
    [InlineData("custom")]
    [InlineData("custom in gzip")]
    [InlineData("tar")]
    [InlineData("plain")]
    public async Task A_foreign_dump_with_event_triggers_and_materialized_views_that_write_rows_is_restored(string shape)
    {
        var source = await WritingAsync();
        using var folder = new TempFolder();

        await RestoresAsync(await ForeignDumps.MakeAsync(shape, source, folder.Path), source);
    }

    [Fact]
    public async Task A_set_with_event_triggers_and_materialized_views_that_write_rows_is_not_reported_as_damaged()
    {
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(await WritingAsync(), folder.Path), new RecordedEvents(), CancellationToken.None);

        var drill = await new DrillBackup().RunAsync(new BackupTestRequest(backup.Path), new RecordedEvents(), CancellationToken.None);

        Assert.Empty(drill.Problems);
    }

    [Fact]
    public async Task An_owner_that_revoked_its_own_privileges_restores_its_tables()
    {
        var role = Name("closed");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role} LOGIN CREATEDB");
        var source = await pg.CreateDatabaseAsync("closed", $"""
            CREATE SCHEMA app AUTHORIZATION {role}; SET SESSION AUTHORIZATION {role};
            CREATE TABLE app.t (id int PRIMARY KEY); INSERT INTO app.t VALUES (1); CREATE SEQUENCE app.s; SELECT nextval('app.s'); CREATE TABLE app.f (t int REFERENCES app.t); INSERT INTO app.f VALUES (1);
            REVOKE ALL ON app.t, app.f FROM {role}; REVOKE ALL ON SEQUENCE app.s FROM {role}; RESET SESSION AUTHORIZATION;
            """);
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {source.Database} OWNER TO {role}");
        using var folder = new TempFolder();
        var set = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path), new RecordedEvents(), CancellationToken.None);
        foreach (var path in new[] { set.Path, await ForeignDumps.MakeAsync("custom", source, folder.Path), await ForeignDumps.MakeAsync("plain", source, folder.Path) })
        {
            var target = (pg.Target with { Username = role }).On(Name("closed"));
            Assert.True((await RestoreAsync(path, target)).Verified);
            Assert.False(await PgServer.ScalarAsync<bool>(pg.Target.On(target.Database), $"SELECT has_table_privilege('{role}', 'app.t', 'SELECT')"));
        }

        var empty = (pg.Target with { Username = role }).On(Name("closed"));
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {empty.Database} OWNER {role}");
        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(set.Path, empty) { InPlaceBackup = folder.Path, AllowOtherDatabase = true }, new RecordedEvents(), CancellationToken.None);
        Assert.True(restore.Verified);
        Assert.False(await PgServer.ScalarAsync<bool>(pg.Target.On(empty.Database), $"SELECT has_table_privilege('{role}', 'app.t', 'SELECT')"));
    }

    [Fact]
    public async Task An_index_on_a_function_without_EXECUTE_privileges_is_restored()
    {
        var role = Name("indexed");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role}");
        var source = await pg.CreateDatabaseAsync("indexed", $"""
            CREATE FUNCTION f(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END'; CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE INDEX t_f ON t (f(a)); COMMENT ON INDEX t_f IS 'x';
            ALTER TABLE t OWNER TO {role}; REVOKE EXECUTE ON FUNCTION f(int) FROM PUBLIC;
            """);
        using var folder = new TempFolder();
        var set = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path), new RecordedEvents(), CancellationToken.None);
        foreach (var path in new[] { set.Path, await ForeignDumps.MakeAsync("custom", source, folder.Path) })
        {
            var target = pg.Target.On(Name("indexed"));
            Assert.True((await RestoreAsync(path, target)).Verified);
            Assert.Equal("x", await PgServer.ScalarAsync<string>(target, "SELECT obj_description('t_f'::regclass)"));
        }
    }

    [Fact]
    public async Task Skipping_an_extension_also_skips_its_privileges()
    {
        var role = Name("member");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role}");
        var source = await pg.CreateDatabaseAsync("member", $"CREATE EXTENSION hstore; CREATE EXTENSION pg_trgm; REVOKE EXECUTE ON FUNCTION akeys(hstore) FROM PUBLIC; GRANT EXECUTE ON FUNCTION similarity(text, text) TO {role}; CREATE TABLE t (a int); GRANT SELECT ON t TO {role}");
        using var folder = new TempFolder();
        var set = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path), new RecordedEvents(), CancellationToken.None);
        foreach (var path in new[] { set.Path, await ForeignDumps.MakeAsync("custom", source, folder.Path) })
        {
            var target = pg.Target.On(Name("member"));
            Assert.True((await RestoreAsync(path, target, new RestoreOptions { SkipExtensions = ["hstore"] })).Verified);
            Assert.Contains(role, await PgServer.ScalarAsync<string>(target, "SELECT proacl::text FROM pg_proc WHERE proname = 'similarity'"), StringComparison.Ordinal);
            Assert.Contains(role, await PgServer.ScalarAsync<string>(target, "SELECT relacl::text FROM pg_class WHERE relname = 't'"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_database_without_PUBLIC_privileges_has_none_after_a_restore_with_SET_SESSION_AUTHORIZATION()
    {
        var source = await pg.CreateDatabaseAsync("closeddb", "CREATE TABLE t (a int)");
        await PgServer.ExecuteAsync(pg.Target, $"REVOKE ALL ON DATABASE {source.Database} FROM PUBLIC");
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "closed.sql");
        await ForeignDumps.RunAsync("pg_dump", source, ["--create", "--use-set-session-authorization", "--file=" + path]);
        var target = pg.Target.On(Name("closeddb"));

        await RestoreAsync(path, target);

        Assert.Equal(0, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM pg_database, aclexplode(datacl) WHERE datname = current_database() AND grantee = 0"));
    }

    [Fact]
    public async Task Large_objects_of_a_PostgreSQL_18_archive_are_restored_with_restore_options()
    {
        if (PostgresVersions.Programs(18) is not { } programs)
            return;
        await using var server = await PostgresVersions.StartAsync(18, []);
        await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE lo");
        var source = server.Target.On("lo");
        await PgServer.ExecuteAsync(source, "SELECT lo_create(77); SELECT lo_put(77, 0, 'abc'); COMMENT ON LARGE OBJECT 77 IS 'x'; CREATE TABLE t (a int); CREATE ROLE one; CREATE ROLE two; ALTER TABLE t OWNER TO one; GRANT SELECT ON LARGE OBJECT 77 TO one");
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "lo.dump");
        (await ToolProcess.RunAsync(new ToolCommand(Path.Combine(programs, "pg_dump"), ["-Fc", "--file=" + path]) { Environment = source.ToolEnvironment() }, (stream, token) => stream.CopyToAsync(Stream.Null, token), null, CancellationToken.None)).OrThrow();
        var environment = new Dictionary<string, string?> { ["DBSAFETY_PG_BIN"] = programs };
        foreach (var option in new[] { "--no-owner", "--map-role=one=two" })
        {
            var target = server.Target.On(Name("lo"));
            var run = await Dbsafety.RunAsync(environment, "restore", "run", path, "--database-url", target.ToString(), option, "--yes");
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.Equal("abc x", await PgServer.ScalarAsync<string>(target, "SELECT convert_from(lo_get(77), 'UTF8') || ' ' || obj_description(77, 'pg_largeobject')"));
            Assert.Equal(option != "--no-owner", await PgServer.ScalarAsync<bool>(target, "SELECT coalesce(lomacl::text LIKE '%two=r%', false) FROM pg_largeobject_metadata"));
        }
    }

    private Task<DatabaseTarget> WritingAsync() => pg.CreateDatabaseAsync("writing", Writing);

    private static async Task RestoresAsync(string path, DatabaseTarget source)
    {
        var target = source.On(Name("written"));
        Assert.True((await RestoreAsync(path, target)).Verified);
        Assert.Equal("3112A", await PgServer.ScalarAsync<string>(target, Filled));
        Assert.Equal(0, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM ddl"));
    }

    private static string Name(string name) => name + Guid.NewGuid().ToString("N")[..6];

    private static Task<PgRestore> RestoreAsync(string path, DatabaseTarget target, RestoreOptions? options = null) =>
        new RestoreDatabase().RunAsync(new RestoreRequest(path, target) { Options = options ?? new RestoreOptions() }, new RecordedEvents(), CancellationToken.None);
}
