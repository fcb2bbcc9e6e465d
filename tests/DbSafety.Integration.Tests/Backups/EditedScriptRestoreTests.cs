using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Backups;

/// <summary>Scripts that people wrote, and dumps that they edited: restored as psql restores them, and nothing else on the server changes.</summary>
[Collection(PgServerGroup.Name)]
public sealed class EditedScriptRestoreTests(PgServer pg)
{
    [Fact]
    public async Task A_statement_about_another_database_changes_nothing_on_the_server_in_any_notation()
    {
        var victim = await pg.CreateDatabaseAsync("victim", "CREATE TABLE precious (a int); INSERT INTO precious VALUES (1)");
        var name = SqlName.Quote(victim.Database);
        var target = pg.Target.On("statement_spacing");

        var restored = await RestoreAsync(target, $"DROP  DATABASE IF EXISTS {name};\nCREATE/**/DATABASE {name};\nALTER\tDATABASE {name} SET work_mem = '1MB';\nSELECT 1 -- a\r; DROP DATABASE {name};\n;\nCREATE TABLE after_c (a int);\n");

        Assert.Equal(1, await PgServer.ScalarAsync<long>(victim, "SELECT count(*) FROM precious"));
        Assert.Equal(0, await PgServer.ScalarAsync<long>(victim, "SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()"));
        Assert.Equal(0, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM after_c"));
        Assert.Contains(restored.Notes, n => n.Contains("DROP DATABASE", StringComparison.Ordinal) && n.Contains("left out", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ALTER  SYSTEM SET log_min_duration_statement = '5s';")]
    [InlineData("CREATE ROLE evil_of_a_script SUPERUSER;")]
    [InlineData("DO $$ BEGIN EXECUTE 'CREATE ROLE evil_of_a_script'; END $$;")]
    [InlineData("COPY (SELECT 1) TO PROGRAM 'cat';")]
    public async Task A_script_with_server_wide_effects_is_refused_before_it_starts_and_the_statement_is_named(string statement)
    {
        var target = pg.Target.On("acts_on_server");

        var e = await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(target, "CREATE TABLE a (a int);\n\n" + statement + "\n"));

        Assert.Equal("DBS134", e.Definition.Code);
        Assert.Contains("line 3", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, await PgServer.ScalarAsync<long>(pg.Target, "SELECT (SELECT count(*) FROM pg_roles WHERE rolname = 'evil_of_a_script') + (SELECT count(*) FROM pg_database WHERE datname LIKE 'acts_on_server%') + (SELECT count(*) FROM pg_file_settings WHERE name = 'log_min_duration_statement')"));
    }

    [Fact]
    public async Task The_parts_of_a_script_for_the_same_database_are_restored_and_omitted_parts_are_reported()
    {
        var (same, other, declared) = (pg.Target.On("connect_same"), pg.Target.On("connect_other"), pg.Target.On("connect_told"));

        var both = await RestoreAsync(same, "SET search_path = pg_catalog;\nCREATE TABLE public.before_c (a int);\nINSERT INTO public.before_c VALUES (1);\n\\connect - postgres\nCREATE TABLE after_c (a int);\nINSERT INTO after_c VALUES (2);\n");
        var part = await RestoreAsync(other, "CREATE TABLE before_c (a int);\nINSERT INTO before_c VALUES (1);\n\\connect other\nCREATE TABLE after_c (a int);\n");
        await RestoreAsync(declared, "CREATE DATABASE shop CONNECTION LIMIT 7;\nCOMMENT ON DATABASE shop IS 'hello';\n\\c shop;\n\\encoding LATIN1\nCREATE TABLE t (a text);\nINSERT INTO t VALUES ('é');\n");

        Assert.Equal(2, await PgServer.ScalarAsync<long>(same, "SELECT (SELECT count(*) FROM public.before_c) + (SELECT count(*) FROM public.after_c)"));
        Assert.Contains(both.Notes, n => n.Contains("\\connect as postgres", StringComparison.Ordinal));
        Assert.Contains(part.Notes, n => n.Contains("left out: 2 statements with 1 rows", StringComparison.Ordinal));
        Assert.Equal("hello 7", await PgServer.ScalarAsync<string>(declared, "SELECT shobj_description(oid, 'pg_database') || ' ' || datconnlimit FROM pg_database WHERE datname = current_database()"));
        Assert.Equal("c383c2a9", await PgServer.ScalarAsync<string>(declared, "SELECT encode(convert_to(a, 'UTF8'), 'hex') FROM t"));
    }

    [Fact]
    public async Task A_dump_with_additional_statements_is_restored_and_only_the_objects_that_they_can_change_are_unverified()
    {
        var source = await pg.CreateDatabaseAsync("edited", "CREATE TABLE seed (id serial PRIMARY KEY, name text); INSERT INTO seed (name) VALUES ('a'), ('b'); CREATE TABLE rest (a int); CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS 'INSERT INTO public.rest VALUES (1)'");
        using var folder = new TempFolder();
        var dump = await File.ReadAllTextAsync(await ForeignDumps.MakeAsync("plain", source, folder.Path));
        var target = pg.Target.On("edited_copy");
        foreach (var (more, query, message) in new[]
        {
            ("", "SELECT count(*) = 2 FROM seed", ""),
            ("INSERT INTO public.seed (name) VALUES ('admin');", "SELECT count(*) = 3 FROM seed", "sequence"),
            ("INSERT INTO public.seed VALUES (1, 'x'), (9, 'y') ON CONFLICT DO NOTHING;", "SELECT count(*) = 3 FROM seed", "public.seed"),
            ("ALTER TABLE public.seed RENAME TO seeds;", "SELECT count(*) = 2 FROM seeds", "RENAME"),
            ("BEGIN; INSERT INTO public.rest VALUES (1); ROLLBACK;", "SELECT count(*) = 0 FROM rest", "ROLLBACK"),
            ("SELECT public.fill();", "SELECT count(*) = 1 FROM rest", "fill()"),
        })
        {
            var restored = await RestoreAsync(target, dump + more + "\n");
            Assert.True(await PgServer.ScalarAsync<bool>(target, query), more);
            Assert.Equal(message.Length > 0, restored.Notes.Any(n => n.StartsWith("not comparable", StringComparison.Ordinal)));
            Assert.Contains(restored.Notes, n => n.StartsWith("not proven", StringComparison.Ordinal) && n.Contains(message, StringComparison.Ordinal));
            await PgServer.ExecuteAsync(pg.Target, $"DROP DATABASE {target.Database}");
        }
    }

    [Fact]
    public async Task A_plain_backup_with_CRLF_line_endings_in_bodies_comments_and_values_is_restored()
    {
        var source = await pg.CreateDatabaseAsync("windows", "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS $$\r\nSELECT 1;\r\n$$; CREATE TABLE t (a text); COMMENT ON TABLE t IS 'one\r\ntwo'; INSERT INTO t VALUES ('one\r\ntwo')");
        var before = await FingerprintReader.ReadAsync(source, CancellationToken.None);
        using var folder = new TempFolder();
        var set = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path) { Format = BackupFormat.Plain }, new RecordedEvents(), CancellationToken.None);

        await new RestoreDatabase().RunAsync(new RestoreRequest(set.Path, source), new RecordedEvents(), CancellationToken.None);

        var after = await FingerprintReader.ReadAsync(source, CancellationToken.None);
        Assert.Equal(before.SchemaHash, after.SchemaHash);
        Assert.Equal("one\r\ntwo", await PgServer.ScalarAsync<string>(source, "SELECT a FROM t"));
    }

    [Fact]
    public async Task A_script_that_connects_to_a_database_replaces_a_live_database_with_another_name_only_if_allowed()
    {
        var live = await pg.CreateDatabaseAsync("live", "CREATE TABLE kept (a int)");

        var e = await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(live, "CREATE DATABASE base OWNER postgres CONNECTION LIMIT 7;\n\\connect base\nCREATE TABLE t (a int);\n"));

        Assert.Equal("DBS130", e.Definition.Code);
        Assert.Equal(0, await PgServer.ScalarAsync<long>(live, "SELECT count(*) FROM kept"));
    }

    [Theory]
    [InlineData("SET standard_conforming_strings = off;\nSET standard_conforming_strings TO on;\nCREATE TABLE t (a text);\nINSERT INTO t VALUES ('a\\');\n\\! touch PROOF\n-- ');\n")]
    [InlineData("CREATE TABLE t (a text);\nSELECT 1 -- x\r\\! touch PROOF\n;\n")]
    // Nobody can read what it sets.
    [InlineData("SET standard_conforming_strings = off;\nDO $$ BEGIN PERFORM set_config('standard_' || 'conforming_strings', 'on', false); END $$;\nCREATE TABLE t (a text);\nINSERT INTO t VALUES ('a\\');\n\\! touch PROOF\n-- ');\n")]
    [InlineData("BEGIN;\nSET standard_conforming_strings = off;\nROLLBACK;\nCREATE TABLE t (a text);\nINSERT INTO t VALUES ('a\\');\n\\! touch PROOF\n-- ');\n")]
    public async Task A_script_cannot_run_a_program_on_this_machine_in_any_notation(string script)
    {
        using var folder = new TempFolder();
        var proof = Path.Combine(folder.Path, "proof");

        await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(pg.Target.On("hidden_command"), script.Replace("PROOF", proof, StringComparison.Ordinal)));

        Assert.False(File.Exists(proof));
        Assert.Equal(0, await PgServer.ScalarAsync<long>(pg.Target, "SELECT count(*) FROM pg_database WHERE datname LIKE 'hidden_command%'"));
    }

    private static async Task<PgRestore> RestoreAsync(DatabaseTarget target, string script)
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "script.sql");
        await File.WriteAllTextAsync(path, script);
        return await new RestoreDatabase().RunAsync(new RestoreRequest(path, target), new RecordedEvents(), CancellationToken.None);
    }
}
