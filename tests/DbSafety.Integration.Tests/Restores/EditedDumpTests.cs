using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>Dumps that hold more than a database, and dumps that were edited, on a real server.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class EditedDumpTests(PgServer pg)
{
    [Fact]
    public async Task A_dump_with_rows_of_foreign_tables_is_refused_before_any_row_is_written()
    {
        var remote = await pg.CreateDatabaseAsync("remote", "CREATE TABLE r (id int); INSERT INTO r VALUES (1), (2)");
        var source = await pg.CreateDatabaseAsync("local", $"""
            CREATE EXTENSION postgres_fdw; CREATE SERVER loop FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{remote.Host}', port '{remote.Port}', dbname '{remote.Database}');
            CREATE USER MAPPING FOR CURRENT_USER SERVER loop OPTIONS (user '{remote.Username}'); CREATE FOREIGN TABLE f (id int) SERVER loop OPTIONS (table_name 'r');
            """);
        using var folder = new TempFolder();
        foreach (var format in new[] { "custom", "plain" })
        {
            var path = Path.Combine(folder.Path, format);
            await ForeignDumps.RunAsync("pg_dump", source, ["--include-foreign-data=loop", "--format=" + format, "--file=" + path]);
            var error = await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(path, pg.Target.On(source.Database + "_new")));
            Assert.Equal("DBS138", error.Code);
            Assert.Contains("public.f", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(2, await PgServer.ScalarAsync<long>(remote, "SELECT count(*) FROM r"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("CREATE ROLE {0};\n")]
    public async Task Roles_on_the_server_do_not_change_when_a_dump_that_starts_with_pg_dumpall_output_is_restored(string creation)
    {
        var role = "kept" + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role} LOGIN PASSWORD 'today'");
        var target = await pg.CreateDatabaseAsync("globalsfirst", "CREATE TABLE notes (id int); INSERT INTO notes VALUES (1)");
        using var folder = new TempFolder();
        var path = await ForeignDumps.MakeAsync("plain", target, folder.Path);
        var globals = $"--\n-- PostgreSQL database cluster dump\n--\n\nSET default_transaction_read_only = off;\n\n{creation.Replace("{0}", role, StringComparison.Ordinal)}ALTER ROLE {role} WITH SUPERUSER LOGIN PASSWORD 'then';\n\n--\n-- PostgreSQL database cluster dump complete\n--\n\n";
        await File.WriteAllTextAsync(path, globals + await File.ReadAllTextAsync(path));
        var before = await RoleAsync(role);

        var restore = await RestoreAsync(path, target);

        Assert.True(restore.Verified);
        Assert.Equal(before, await RoleAsync(role));
        Assert.Contains(restore.Notes, n => n.StartsWith("not proven: the server's roles and tablespaces:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("custom")]
    public async Task A_database_owner_can_restore_a_dump_that_comments_on_default_objects(string shape)
    {
        var role = "app" + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role} LOGIN CREATEDB");
        var source = await pg.CreateDatabaseAsync("commented", $"CREATE TABLE note (id int); ALTER TABLE note OWNER TO {role}; COMMENT ON TABLE note IS 'PL/pgSQL procedural language';");
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {source.Database} OWNER TO {role}");
        using var folder = new TempFolder();
        var path = await ForeignDumps.MakeAsync(shape, source, folder.Path);
        // As pg_dump before PostgreSQL 11 writes it; both texts have the same length.
        const string Own = "COMMENT ON TABLE public.note IS", Theirs = "COMMENT ON EXTENSION plpgsql IS";
        var dump = await File.ReadAllBytesAsync(path);
        var at = dump.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(Own));
        System.Text.Encoding.ASCII.GetBytes(Theirs).CopyTo(dump, at);
        await File.WriteAllBytesAsync(path, dump);

        Assert.True((await RestoreAsync(path, (pg.Target with { Username = role }).On(source.Database + "_new"))).Verified);
    }

    [Fact]
    public async Task A_clean_dump_without_comments_and_a_dump_that_recreates_schema_public_are_restored()
    {
        var target = await pg.CreateDatabaseAsync("stripped", SampleSql.Shop);
        using var folder = new TempFolder();
        var path = await ForeignDumps.MakeAsync("plain with clean", target, folder.Path);
        var lines = (await File.ReadAllLinesAsync(path)).Where(l => !l.StartsWith("--", StringComparison.Ordinal)).ToList();
        await File.WriteAllLinesAsync(path, lines);
        var again = Path.Combine(folder.Path, "again.sql");
        await ForeignDumps.RunAsync("pg_dump", target, ["--file=" + again]);
        await File.WriteAllTextAsync(again, (await File.ReadAllTextAsync(again)).Replace("SET row_security = off;\n", "SET row_security = off;\nDROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n", StringComparison.Ordinal));

        foreach (var file in new[] { path, again })
        {
            var place = pg.Target.On(target.Database + "_new");
            Assert.True((await RestoreAsync(file, place)).Verified);
            Assert.Equal(500, await PgServer.ScalarAsync<long>(place, "SELECT count(*) FROM orders"));
        }
    }

    private Task<string> RoleAsync(string role) => PgServer.ScalarAsync<string>(pg.Target, $"SELECT rolsuper || ' ' || rolpassword FROM pg_authid WHERE rolname = '{role}'");

    private static Task<PgRestore> RestoreAsync(string path, DatabaseTarget target) => new RestoreDatabase().RunAsync(new RestoreRequest(path, target), new RecordedEvents(), CancellationToken.None);
}
