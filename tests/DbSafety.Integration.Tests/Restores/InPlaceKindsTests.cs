using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Integration.Tests.Comparisons;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>An in-place restore ends with what pg_dump printed of the database that was backed up, whatever was in the database that it replaces.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class InPlaceKindsTests(PgServer pg)
{
    private const string Roles = "DO $$ BEGIN CREATE ROLE def_app; CREATE ROLE def_report; CREATE ROLE def_owner; EXCEPTION WHEN duplicate_object THEN NULL; END $$";

    /// <summary>Kinds that the samples of definitions lack, and what is changed of objects that no restore drops.</summary>
    private const string More = """
        CREATE CAST (text AS int) WITH INOUT AS ASSIGNMENT; COMMENT ON CAST (text AS int) IS 'between two types of PostgreSQL';
        CREATE TYPE base; CREATE FUNCTION base_in(cstring) RETURNS base LANGUAGE internal IMMUTABLE STRICT AS 'textin'; CREATE FUNCTION base_out(base) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
        CREATE TYPE base (INPUT = base_in, OUTPUT = base_out, LIKE = text);
        CREATE TEXT SEARCH CONFIGURATION s.conf (COPY = english); CREATE COLLATION s.german FROM "C"; CREATE TABLE s.t (id int PRIMARY KEY, n int); CREATE STATISTICS s.stat ON id, n FROM s.t;
        ALTER SCHEMA public OWNER TO def_owner; GRANT CREATE ON SCHEMA public TO def_app WITH GRANT OPTION; REVOKE USAGE ON SCHEMA public FROM PUBLIC; COMMENT ON SCHEMA public IS 'ours';
        GRANT EXECUTE ON FUNCTION pg_read_file(text) TO def_app; REVOKE EXECUTE ON FUNCTION pg_sleep(float8) FROM PUBLIC; GRANT SELECT ON pg_subscription TO def_app; GRANT SELECT (rolpassword) ON pg_authid TO def_app;
        REVOKE EXECUTE ON FUNCTION s.akeys(s.hstore) FROM PUBLIC; GRANT USAGE ON LANGUAGE plpgsql TO def_app; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO def_app WITH GRANT OPTION;
        ALTER DEFAULT PRIVILEGES FOR ROLE def_owner GRANT INSERT ON TABLES TO def_app; ALTER DEFAULT PRIVILEGES GRANT UPDATE ON SEQUENCES TO def_report; ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON TYPES TO def_report;
        CREATE FUNCTION forbid() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is forbidden', tg_tag; END $$;
        CREATE EVENT TRIGGER forbid_start ON ddl_command_start WHEN TAG IN ('ALTER SEQUENCE', 'DROP TABLE', 'DROP SCHEMA', 'DROP FUNCTION', 'REVOKE') EXECUTE FUNCTION forbid();
        CREATE EVENT TRIGGER forbid_drop ON sql_drop EXECUTE FUNCTION forbid();
        """;

    private const string Bare = "CREATE SCHEMA s; CREATE EXTENSION hstore SCHEMA s; CREATE EXTENSION citext; CREATE EXTENSION postgres_fdw; CREATE TABLE own (id int GENERATED ALWAYS AS IDENTITY); CREATE TABLE s.own (id int)";

    [Fact]
    public async Task An_in_place_restore_replaces_every_kind_of_object_and_leaves_no_previous_object()
    {
        await PgServer.ExecuteAsync(pg.Target, Roles);
        var (full, bare) = (await pg.CreateDatabaseAsync("full", DefinitionSamples.Sql), await pg.CreateDatabaseAsync("bare", Bare));
        await PgServer.ExecuteAsync(full, More);
        using var folder = new TempFolder();
        var (ofFull, ofBare) = (await DumpAsync(full, folder), await DumpAsync(bare, folder));
        var backups = new Dictionary<string, PgBackup>();
        foreach (var database in new[] { full, bare })
            backups[database.Database] = await new BackupDatabase().RunAsync(new BackupRequest(database, folder.Path), new RecordedEvents(), CancellationToken.None);

        foreach (var (set, target, dump) in new[] { (full, full, ofFull), (bare, full, ofBare), (full, bare, ofFull) })
        {
            await RestoreAsync(backups[set.Database], target, folder);
            Assert.Equal(dump, await DumpAsync(target, folder));
            // Privileges in information_schema, which no dump has, stay.
            Assert.Equal(backups[set.Database].Manifest.SchemaHash, (await FingerprintReader.ReadAsync(target, CancellationToken.None)).SchemaHash);
        }
    }

    [Fact]
    public async Task Privileges_that_the_owner_granted_since_the_backup_are_removed_and_other_privileges_are_preserved()
    {
        await PgServer.ExecuteAsync(pg.Target, Roles);
        using var database = await InPlaceDatabase.CreateAsync(pg, "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO def_report; GRANT CREATE ON SCHEMA public TO def_report;");
        await PgServer.ExecuteAsync(database.Admin, "ALTER DEFAULT PRIVILEGES FOR ROLE def_owner GRANT SELECT ON TABLES TO def_report; GRANT EXECUTE ON FUNCTION pg_read_file(text) TO def_report; CREATE CAST (text AS int) WITH INOUT AS ASSIGNMENT");
        using var folder = new TempFolder();
        var before = await DumpAsync(database.Admin, folder);
        await database.ExecuteAsync("ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO def_app; ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT ALL ON TYPES TO def_app; GRANT CREATE ON SCHEMA public TO PUBLIC");

        Assert.True((await database.RestoreAsync()).Verified);

        Assert.Equal(before, await DumpAsync(database.Admin, folder));
    }

    private static Task<PgRestore> RestoreAsync(PgBackup backup, DatabaseTarget target, TempFolder folder) => new RestoreDatabase().RunAsync(
        new RestoreRequest(backup.Path, target) { InPlaceBackup = folder.Path, AllowOtherDatabase = true }, new RecordedEvents(), CancellationToken.None);

    private static async Task<string> DumpAsync(DatabaseTarget database, TempFolder folder)
    {
        var path = Path.Combine(folder.Path, "definitions.sql");
        await ForeignDumps.RunAsync("pg_dump", database, ["--schema-only", "--file=" + path]);
        var lines = (await File.ReadAllLinesAsync(path)).Where(l => !l.StartsWith(@"\restrict", StringComparison.Ordinal) && !l.StartsWith(@"\unrestrict", StringComparison.Ordinal));
        File.Delete(path);
        return ExpressionText.Canonical(string.Join('\n', lines));
    }
}
