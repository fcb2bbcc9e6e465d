using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Swaps;
using DbSafety.Scratch;
using Npgsql;

namespace DbSafety.Integration.Tests.Restores.Properties;

/// <summary>What a database has beside its contents, compared with what pg_dump --create and pg_restore --create bring.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class DatabasePropertyTests(PgServer pg)
{
    private const string Source = "Pröps 'x'";

    /// <summary>All that PostgreSQL knows of a database by its name: its row and its settings, comment and security labels.</summary>
    private const string Row = """
        SELECT (to_jsonb(d) - 'oid' - 'datname' - 'datfrozenxid' - 'datminmxid' - 'datlastsysoid' - 'datacl' || jsonb_build_object(
            'acl', (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(d.datacl) a),
            'settings', (SELECT jsonb_agg(jsonb_build_object('role', setrole, 'config', setconfig) ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = d.oid),
            'comment', shobj_description(d.oid, 'pg_database'),
            'labels', (SELECT jsonb_object_agg(provider, label) FROM pg_shseclabel WHERE objoid = d.oid AND classoid = 'pg_database'::regclass)))::text
        FROM pg_database d WHERE datname = $1
        """;

    private const string Contents = """
        CREATE TABLE t (id int CONSTRAINT t_key PRIMARY KEY, n int CONSTRAINT t_positive CHECK (n > 0), u int CONSTRAINT t_unique UNIQUE, r int CONSTRAINT t_ref REFERENCES t); INSERT INTO t VALUES (1, 1, 1, 1);
        CREATE INDEX t_n ON t (n); COMMENT ON INDEX t_n IS 'of an index'; COMMENT ON INDEX t_key IS 'of a key''s index';
        COMMENT ON CONSTRAINT t_key ON t IS 'of a key'; COMMENT ON CONSTRAINT t_positive ON t IS 'of a check'; COMMENT ON CONSTRAINT t_unique ON t IS 'of a unique constraint'; COMMENT ON CONSTRAINT t_ref ON t IS 'of a foreign key';
        CREATE FUNCTION note() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('app.note') $$; CREATE TABLE noted (v text CHECK (v <> note())); INSERT INTO noted VALUES ('x');
        """;

    private const string Labels = "SECURITY LABEL FOR dummy ON TABLE t IS 'it''s \\ a; table'; SECURITY LABEL FOR dummy ON COLUMN t.n IS 'a column';";

    private const string Labelled = "SELECT string_agg(label, ',' ORDER BY label) FROM pg_seclabel";

    private const string Comments = "SELECT string_agg(description, ',' ORDER BY description) FROM pg_description WHERE objoid >= 16384";

    [Fact]
    public async Task All_properties_of_a_database_are_restored_as_by_pg_restore_create()
    {
        var major = await PgServer.ScalarAsync<int>(pg.Target, "SELECT current_setting('server_version_num')::int / 10000");
        using var provider = await LabelProvider.CompileAsync(major);
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None, provider.Setting, "autovacuum_naptime=1d");
        var source = server.Target.On(Source);
        await using var admin = await server.Target.OpenAsync(CancellationToken.None);
        await FillAsync(admin, source, major);
        using var folder = new TempFolder();
        var archive = Path.Combine(folder.Path, "stock.dump");
        await ForeignDumps.RunAsync("pg_dump", source, ["-Fc", "--create", "--file=" + archive]);
        var foreign = new Dictionary<string, string> { ["custom"] = archive };
        foreach (var (shape, option) in new[] { ("tar", "-Ft"), ("directory", "-Fd"), ("plain", "-Fp") })
        {
            foreign[shape] = Path.Combine(folder.Path, "foreign." + shape);
            await ForeignDumps.RunAsync("pg_dump", source, [option, "--create", "--file=" + foreign[shape]]);
        }

        var sets = new List<PgBackup>();
        foreach (var format in Round.IsLong ? Enum.GetValues<BackupFormat>() : [BackupFormat.Custom, BackupFormat.Plain])
            sets.Add(await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None));
        await admin.ExecuteAsync($"ALTER DATABASE {SqlName.Quote(Source)} RENAME TO original", CancellationToken.None);
        await ForeignDumps.RunAsync("pg_restore", server.Target, ["--create", "--exit-on-error", "--dbname=postgres", archive]);
        var (stock, original) = (await RowAsync(admin, Source), await RowAsync(admin, "original"));
        Assert.Equal(original, stock);

        // Beside.
        foreach (var set in sets)
        {
            var target = server.Target.On("beside_" + set.Manifest.Format);
            var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(set.Path, target), new RecordedEvents(), CancellationToken.None);

            Assert.Equal((stock, "none"), (await RowAsync(admin, target.Database), string.Join("; ", restore.Notes) is { Length: > 0 } notes ? notes : "none"));
            Assert.Equal("of a check,of a foreign key,of a key,of a key's index,of a unique constraint,of an index", await PgServer.ScalarAsync<string>(target, Comments));
            Assert.Equal("a column,it's \\ a; table", await PgServer.ScalarAsync<string>(target, Labelled));
        }

        // Of other tools, whose dumps name what pg_restore --create restores.
        foreach (var (shape, path) in foreign)
        {
            var target = server.Target.On("foreign_" + shape);
            var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(path, target), new RecordedEvents(), CancellationToken.None);
            Assert.Equal((stock, shape), (await RowAsync(admin, target.Database), shape));
            Assert.Equal(["not proven: that the dump holds all data of the database, unchanged: it has no manifest"], restore.Notes);
        }

        // Over a live one, which nobody can connect to, and undone.
        await admin.ExecuteAsync($"ALTER DATABASE {SqlName.Quote(Source)} ALLOW_CONNECTIONS false", CancellationToken.None);
        var live = await RowAsync(admin, Source);
        var events = new RecordedEvents();
        var over = await new RestoreDatabase().RunAsync(new RestoreRequest(sets[0].Path, source), events, CancellationToken.None);
        Assert.Equal(live, await RowAsync(admin, Source));
        Assert.Equal([$"{Source} does not accept connections, as before: ALTER DATABASE \"{Source}\" ALLOW_CONNECTIONS true"], over.Notes);
        var undo = await new UndoRestore().RunAsync(new UndoRestoreRequest(source), events, CancellationToken.None);
        Assert.Equal(live, await RowAsync(admin, Source));
        Assert.DoesNotContain("failed", events.Text, StringComparison.Ordinal);
        Assert.True(await DatabaseDrop.OrWarnAsync(source.On(undo.RetainedAs!), events));

        // On a server that has neither the tablespace nor the provider.
        foreach (var set in Round.IsLong ? sets : sets[..1])
        {
            var drill = await new DrillBackup().RunAsync(new BackupTestRequest(set.Path), events, CancellationToken.None);
            Assert.Equal((BackupState.Intact, ""), (drill.State, string.Join("; ", drill.Problems)));
            Assert.Contains("the database is in the server's default tablespace: tablespace far does not exist on this server", drill.Notes);
            Assert.Contains("the security label it's secret of the provider dummy was left out: security label provider \"dummy\" is not loaded", drill.Notes);
            Assert.Contains(drill.Notes, n => n.StartsWith("the definition differs from the backup's: ", StringComparison.Ordinal) && n.Contains("security label of dummy", StringComparison.Ordinal));
        }

        Assert.Contains("security labels of the provider dummy are left out: it is not loaded", events.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BackupFormat.Custom)]
    [InlineData(BackupFormat.Plain)]
    public async Task Libraries_in_session_preload_libraries_are_loaded_during_the_restore_if_they_are_installed(BackupFormat format)
    {
        using var folder = new TempFolder();
        PgBackup set;
        DatabaseTarget source;
        using (var provider = await LabelProvider.CompileAsync(await PgServer.ScalarAsync<int>(pg.Target, "SELECT current_setting('server_version_num')::int / 10000")))
        {
            source = await pg.CreateDatabaseAsync("loading", "CREATE TABLE t (id int, n int)");
            await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {SqlName.Quote(source.Database)} SET {provider.Setting.Replace("shared_", "session_", StringComparison.Ordinal).Replace("=", " = '", StringComparison.Ordinal)}'");
            await PgServer.ExecuteAsync(source, Labels);
            set = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None);
            var there = source.On(source.Database + "_there");

            Assert.Empty((await new RestoreDatabase().RunAsync(new RestoreRequest(set.Path, there), new RecordedEvents(), CancellationToken.None)).Notes);
            Assert.Equal("a column,it's \\ a; table", await PgServer.ScalarAsync<string>(there, Labelled));
        }

        var events = new RecordedEvents();
        var gone = source.On(source.Database + "_gone");
        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(set.Path, gone), events, CancellationToken.None);
        Assert.True(restore.Verified);
        Assert.Contains(restore.Notes, n => n.StartsWith("the setting session_preload_libraries=", StringComparison.Ordinal) && n.Contains("was left out, because no session could start with it", StringComparison.Ordinal));
        Assert.Equal(1, await PgServer.ScalarAsync<int>(gone, "SELECT 1"));
        Assert.Contains("security labels of the provider dummy are left out: it is not loaded", events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_the_role_cannot_set_is_skipped_and_reported()
    {
        var source = await pg.CreateDatabaseAsync("settings", "CREATE TABLE t (id int)");
        var name = SqlName.Quote(source.Database);
        var role = "maker_" + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role} LOGIN CREATEDB");
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {name} SET log_statement = 'all'");
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {name} SET work_mem = '7MB'");
        using var folder = new TempFolder();
        var set = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path), new RecordedEvents(), CancellationToken.None);
        var copy = source.On(source.Database + "_copy") with { Username = role };

        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(set.Path, copy) { Options = new RestoreOptions { NoOwner = true } }, new RecordedEvents(), CancellationToken.None);

        Assert.Equal(["the setting log_statement=all was left out: permission denied to set parameter \"log_statement\""], restore.Notes);
        Assert.Equal("{work_mem=7MB}", await PgServer.ScalarAsync<string>(pg.Target, $"SELECT setconfig::text FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase WHERE datname = '{copy.Database}'"));
    }

    private static async Task FillAsync(NpgsqlConnection admin, DatabaseTarget source, int major)
    {
        var name = SqlName.Quote(Source);
        string[] statements =
        [
            "SET allow_in_place_tablespaces = on", "CREATE TABLESPACE far LOCATION ''", "CREATE ROLE p_owner", "CREATE ROLE p_granter", "CREATE ROLE p_reader",
            $"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'de'{(major >= 16 ? " ICU_RULES '&a < g'" : "")} TABLESPACE far OWNER p_owner IS_TEMPLATE true CONNECTION LIMIT 17",
            $"COMMENT ON DATABASE {name} IS E'the shop''s\\nown \\\\ comment'", $"SECURITY LABEL FOR {LabelProvider.Name} ON DATABASE {name} IS 'it''s secret'",
            $"ALTER DATABASE {name} SET work_mem = '7MB'", $"ALTER DATABASE {name} SET search_path = ''", $"ALTER DATABASE {name} SET datestyle = 'SQL, DMY'", $"ALTER DATABASE {name} SET app.note = 'it''s \\ x'",
            $"ALTER DATABASE {name} SET temp_tablespaces = ''", $"ALTER DATABASE {name} SET session_preload_libraries = 'auto_explain'",
            $"ALTER ROLE p_reader IN DATABASE {name} SET search_path = \"Odd, \"\"one\", public, \"$user\"", $"ALTER ROLE p_reader IN DATABASE {name} SET statement_timeout = '3s'",
            $"REVOKE ALL ON DATABASE {name} FROM PUBLIC", $"REVOKE TEMPORARY ON DATABASE {name} FROM p_owner", $"GRANT CONNECT ON DATABASE {name} TO p_granter WITH GRANT OPTION",
            $"SET ROLE p_granter", $"GRANT CONNECT ON DATABASE {name} TO p_reader", "RESET ROLE",
        ];
        foreach (var statement in statements)
            await admin.ExecuteAsync(statement, CancellationToken.None);
        await PgServer.ExecuteAsync(source, "SET search_path = public; " + Contents + Labels);
    }

    private static Task<string?> RowAsync(NpgsqlConnection admin, string database) => admin.ScalarAsync<string>(Row, CancellationToken.None, database);
}
