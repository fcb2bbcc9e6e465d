using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>Dumps as older versions, other machines and project tools leave them, and as they are found in public projects.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class OlderDumpTests(PgServer pg)
{
    private const string Sql = "CREATE TABLE t (id int PRIMARY KEY, name text); INSERT INTO t SELECT g, 'n' || g FROM generate_series(1, 50) g; CREATE TABLE schema_migrations (version text PRIMARY KEY)";

    [Fact]
    public async Task Rows_that_Rails_appends_to_a_structure_dump_are_restored()
    {
        var source = await pg.CreateDatabaseAsync("rails", Sql);
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "structure.sql");
        await ForeignDumps.RunAsync("pg_dump", source, ["--schema-only", "--no-owner", "--file=" + path]);
        // As ActiveRecord does: without the comments at the beginning, with the migrations that were applied at the end.
        var structure = await File.ReadAllTextAsync(path);
        await File.WriteAllTextAsync(path, structure[structure.IndexOf("SET statement_timeout", StringComparison.Ordinal)..] + "\nSET search_path TO \"$user\", public;\n\nINSERT INTO \"schema_migrations\" (version) VALUES\n('20260102'),\n('20260101');\n\n");
        var restored = source.On(source.Database + "_new");

        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(path, restored), new RecordedEvents(), CancellationToken.None);

        Assert.Equal(2, restore.Rows);
        Assert.Equal("20260101,20260102", await PgServer.ScalarAsync<string>(restored, "SELECT string_agg(version, ',' ORDER BY version) FROM schema_migrations"));
    }

    [Fact]
    public async Task An_archive_that_was_written_with_shell_append_redirection_is_intact_and_restored()
    {
        var source = await pg.CreateDatabaseAsync("appended", Sql);
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "appended.dump");
        var tool = await PgTools.FindAsync("pg_dump", 0, CancellationToken.None);
        (await ToolProcess.RunAsync(new ToolCommand("sh", "-c", "exec \"$0\" -Fc >> \"$1\"", tool.Path, path) { Environment = source.ToolEnvironment() }, CancellationToken.None)).OrThrow();
        var restored = source.On(source.Database + "_new");

        var test = await BackupTests.Test(path);
        await new RestoreDatabase().RunAsync(new RestoreRequest(path, restored), new RecordedEvents(), CancellationToken.None);

        Assert.Equal((true, 50L), (test.Passed, test.Rows));
        Assert.Equal(50, await PgServer.ScalarAsync<long>(restored, "SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Default_objects_in_dumps_from_pg_dump_before_11_are_not_created_again()
    {
        var source = await pg.CreateDatabaseAsync("older", "CREATE TABLE t (id int); COMMENT ON SCHEMA public IS 'of old'; ALTER SCHEMA public OWNER TO CURRENT_USER");
        using var folder = new TempFolder();
        var path = await RewriteAsync(source, folder, e => e is { Description: "SCHEMA", Tag: "public" } ? e with { Definition = "CREATE SCHEMA public;\n" } : e);
        var script = Path.Combine(folder.Path, "script.sql");
        await File.WriteAllTextAsync(script, "CREATE PROCEDURAL LANGUAGE plpgsql;\nCREATE SCHEMA public;\nCREATE TABLE t (id int);\nCOMMENT ON SCHEMA public IS 'of old';\nALTER SCHEMA public OWNER TO CURRENT_USER;\n");
        foreach (var dump in new[] { path, script })
        {
            var restored = source.On($"{source.Database}_{Path.GetExtension(dump)[1..]}");
            await new RestoreDatabase().RunAsync(new RestoreRequest(dump, restored), new RecordedEvents(), CancellationToken.None);
            Assert.Equal($"of old {pg.Target.Username} 0", await PgServer.ScalarAsync<string>(restored, "SELECT concat_ws(' ', obj_description(oid, 'pg_namespace'), nspowner::regrole, (SELECT count(*) FROM t)) FROM pg_namespace WHERE nspname = 'public'"));
        }
    }

    [Fact]
    public async Task A_dump_with_an_unavailable_locale_is_restored_into_an_empty_database_with_another_locale()
    {
        var source = await pg.CreateDatabaseAsync("windows", "CREATE TABLE t (id int)");
        using var folder = new TempFolder();
        var path = await RewriteAsync(source, folder, e => e.Description == "DATABASE" ? e with { Definition = e.Definition[..e.Definition.IndexOf(" ENCODING", StringComparison.Ordinal)] + " ENCODING = 'UTF8' LC_COLLATE = 'English_United States.1252' LC_CTYPE = 'English_United States.1252';\n" } : e);
        var restored = source.On(source.Database + "_new");
        var request = new RestoreRequest(path, restored) { AllowOtherDatabase = true };

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(request, new RecordedEvents(), CancellationToken.None));
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(restored.Database)} TEMPLATE template0");
        var restore = await new RestoreDatabase().RunAsync(request, new RecordedEvents(), CancellationToken.None);

        Assert.Equal("DBS307", error.Code);
        Assert.Contains("create an empty database", error.Hint, StringComparison.Ordinal);
        Assert.Contains(restore.Notes, n => n.Contains("not those of the backup: invalid locale name: \"English_United States.1252\"", StringComparison.Ordinal));
        Assert.Equal(0, await PgServer.ScalarAsync<long>(restored, "SELECT count(*) FROM t"));
        // A drill has no such database, and says the same.
        var drill = await new DrillBackup().RunAsync(new BackupTestRequest(path), new RecordedEvents(), CancellationToken.None);
        Assert.True(drill.Passed, string.Join("; ", drill.Problems));
        Assert.Contains(drill.Notes, n => n.Contains("not those of the backup: invalid locale name", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_script_whose_encoding_does_not_match_the_server_locale_is_restored_in_the_server_encoding()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE other TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'");
        foreach (var sql in new[] { "UPDATE pg_database SET datistemplate = false WHERE datname = 'template0'", "DROP DATABASE template0", "ALTER DATABASE other RENAME TO template0" })
            await PgServer.ExecuteAsync(server.Target, sql);
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "world.sql");
        await File.WriteAllBytesAsync(path, [.. "SET client_encoding = 'LATIN1';\nCREATE TABLE t (name text);\nINSERT INTO t VALUES ('Paran"u8, 0xE1, .. "');\n"u8]);
        var restored = server.Target.On("world");

        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(path, restored), new RecordedEvents(), CancellationToken.None);

        Assert.Equal("Paraná UTF8", await PgServer.ScalarAsync<string>(restored, "SELECT name || ' ' || getdatabaseencoding() FROM t"));
        Assert.Contains(restore.Notes, n => n.StartsWith("the database has the encoding UTF8", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_drill_restores_a_dump_of_a_version_that_is_not_installed_on_a_newer_server()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "of-9.4.sql");
        await File.WriteAllTextAsync(path, "--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 9.4.26\n-- Dumped by pg_dump version 9.4.26\n\nCREATE TABLE t (id int);\n\n--\n-- PostgreSQL database dump complete\n--\n\n");

        var drill = await new DrillBackup().RunAsync(new BackupTestRequest(path), new RecordedEvents(), CancellationToken.None);

        Assert.True(drill.Passed, string.Join("; ", drill.Problems));
        Assert.Contains(drill.Notes, n => n.StartsWith("the dump is from PostgreSQL 9, which is not installed here: it was restored on PostgreSQL ", StringComparison.Ordinal));
    }

    /// <summary>An archive of the definitions, with other entries in it.</summary>
    private static async Task<string> RewriteAsync(DatabaseTarget source, TempFolder folder, Func<ArchiveEntry, ArchiveEntry> change)
    {
        var path = Path.Combine(folder.Path, "rewritten.dump");
        await ForeignDumps.RunAsync("pg_dump", source, ["-Fc", "--schema-only", "--file=" + path]);
        var head = await File.ReadAllBytesAsync(path);
        var toc = ArchiveToc.Read(new DumpInput(new MemoryStream(head)), isDirectory: false);
        await File.WriteAllBytesAsync(path, ReducedArchive.Write(head, toc, toc.Entries.Select(change)));
        return path;
    }
}
