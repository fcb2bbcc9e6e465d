using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Comparisons;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Comparisons;

/// <summary>With a server of its own: its roles and tablespaces are those of all databases there.</summary>
[Collection(PgServerGroup.Name)]
public sealed class DefinitionTests(PgServer pg) : IClassFixture<PgServer>
{
    [Fact]
    public async Task A_changed_property_of_every_kind_of_object_is_reported_and_a_restored_database_has_no_differences()
    {
        await PgServer.ExecuteAsync(pg.Target, DefinitionSamples.Roles);
        await ExecuteEachAsync(pg.Target, "SET allow_in_place_tablespaces = on", "CREATE TABLESPACE def_space LOCATION ''");
        var first = await pg.CreateDatabaseAsync("kinds", DefinitionSamples.Sql);
        var second = await CopyAsync(first, "changed");
        foreach (var database in new[] { first, second })
            await ExecuteEachAsync(database, DefinitionSamples.Subscriptions);
        Assert.Empty((await CompareAsync(first, second)).Changes);

        await ExecuteEachAsync(second, [.. DefinitionSamples.Changes.Select(c => c.Sql)]);
        var difference = await CompareAsync(first, second);

        Assert.Equal(Lines(DefinitionSamples.Changes.SelectMany(c => c.Differences)), Lines(difference.Definitions.Select(d => d.ToString())));
        foreach (var database in new[] { first, second })
        {
            var restored = await RestoredAsync(database);
            Assert.Equal("", Lines((await CompareAsync(database, restored)).Changes));
            Assert.Equal(await SchemaDumpAsync(database), await SchemaDumpAsync(restored));
        }
    }

    /// <summary>Names and orders that differ in the catalogs, and in no dump.</summary>
    [Fact]
    public async Task Comparison_ignores_catalog_changes_caused_by_dump_and_restore()
    {
        var source = await pg.CreateDatabaseAsync("lossless", """
            CREATE TABLE parent (a int); CREATE TABLE child (x int, y varchar(5) CHECK (y IN ('a', 'b'))) INHERITS (parent); ALTER TABLE parent ADD COLUMN later text DEFAULT 'z'; ALTER TABLE parent ADD CHECK (a > 0);
            CREATE TABLE goal (id int PRIMARY KEY); CREATE TABLE log (gone int, goal_id int, at date NOT NULL) PARTITION BY RANGE (at); ALTER TABLE log DROP COLUMN gone;
            CREATE TABLE log_new (at date NOT NULL, goal_id int CONSTRAINT own_name REFERENCES goal); CREATE TABLE log_old PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
            ALTER TABLE log ADD CONSTRAINT first_name FOREIGN KEY (goal_id) REFERENCES goal; ALTER TABLE log ATTACH PARTITION log_new FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
            ALTER TABLE log RENAME CONSTRAINT first_name TO second_name; ALTER TABLE log_new RENAME TO log_2025; ALTER TABLE log DETACH PARTITION log_old; ALTER TABLE log ATTACH PARTITION log_old FOR VALUES FROM ('2023-01-01') TO ('2025-01-01');
            CREATE TRIGGER suppressed BEFORE UPDATE ON log FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
            CREATE VIEW chosen AS SELECT x FROM child WHERE y IN ('a', 'b') OR y NOT IN ('c,]', 'd)'); DROP EXTENSION plpgsql; GRANT SELECT ON goal TO PUBLIC; REVOKE SELECT ON goal FROM PUBLIC;
            """);

        var restored = await RestoredAsync(source);

        Assert.Equal("", Lines((await CompareAsync(source, restored)).Changes));
        Assert.Equal((await FingerprintReader.ReadAsync(source, CancellationToken.None)).SchemaHash, (await FingerprintReader.ReadAsync(restored, CancellationToken.None)).SchemaHash);
    }

    /// <summary>Manifests and fingerprints of before there was a second version of the hash.</summary>
    [Fact]
    public async Task Comparison_uses_schema_hash_version_1_for_a_version_1_fingerprint()
    {
        var source = await pg.CreateDatabaseAsync("version", "CREATE TABLE t (id int)");
        var old = await FingerprintReader.ReadAsync(source, checksum: false, hashVersion: SchemaHash.Version, CancellationToken.None);
        var today = await FingerprintReader.ReadAsync(source, CancellationToken.None);

        Assert.True((await CompareAsync(ComparisonSide.Of(old), ComparisonSide.Of(source))) is { Same: true, DefinitionsDiffer: false });
        var unlike = await CompareAsync(ComparisonSide.Of(old), ComparisonSide.Of(today));
        Assert.Null(unlike.DefinitionsDiffer);
        Assert.Contains(unlike.NotCompared, n => n.EndsWith("are of versions 1 and 3", StringComparison.Ordinal));
        await PgServer.ExecuteAsync(source, "ALTER TABLE t ADD COLUMN more int");
        var changed = await CompareAsync(ComparisonSide.Of(old), ComparisonSide.Of(source));
        Assert.Equal("definitions: different", Assert.Single(changed.Changes));
        Assert.Contains(changed.NotCompared, n => n.StartsWith("definitions in detail: version 1", StringComparison.Ordinal));
    }

    /// <summary>It printed the names that PostgreSQL chooses by casts, which are left out since.</summary>
    [Fact]
    public async Task Comparison_uses_schema_hash_version_2_for_a_version_2_fingerprint_and_reports_details()
    {
        var source = await pg.CreateDatabaseAsync("second", "CREATE TABLE t (id int); CREATE VIEW v AS SELECT id FROM t WHERE EXISTS (SELECT 'a'::text)");
        var old = await FingerprintReader.ReadAsync(source, checksum: false, hashVersion: 2, CancellationToken.None);
        Assert.NotEqual((await FingerprintReader.ReadAsync(source, CancellationToken.None)).SchemaHash, old.SchemaHash);

        Assert.True((await CompareAsync(ComparisonSide.Of(old), ComparisonSide.Of(source))) is { Same: true, DefinitionsDiffer: false });
        await PgServer.ExecuteAsync(source, "CREATE OR REPLACE VIEW v AS SELECT id FROM t");
        Assert.Equal("view public.v: query changed", Assert.Single((await CompareAsync(ComparisonSide.Of(old), ComparisonSide.Of(source))).Changes));
    }

    /// <summary>Its manifest has neither a version of the hash nor definitions.</summary>
    [Fact]
    public async Task Backup_set_from_an_earlier_version_is_tested_restored_and_compared_with_schema_hash_version_1()
    {
        using var folder = new TempFolder();
        var source = await pg.CreateDatabaseAsync("earlier", "CREATE TABLE t (id int CHECK (id > 0)); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT id FROM t");
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path), new RecordedEvents(), CancellationToken.None);
        var hash = (await FingerprintReader.ReadAsync(source, checksum: false, hashVersion: SchemaHash.Version, CancellationToken.None)).SchemaHash;
        var text = ManifestFile.Write(backup.Manifest with { SchemaHash = hash, SchemaHashVersion = null, Definitions = null });
        Assert.DoesNotContain("schemaHashVersion", text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(backup.Path, text);

        Assert.True((await new TestBackup().RunAsync(new BackupTestRequest(backup.Path), new RecordedEvents(), CancellationToken.None)).Passed);
        Assert.True(await CompareAsync(ComparisonSide.OfFile(backup.Path), ComparisonSide.Of(source)) is { Same: true, DefinitionsDiffer: false });
        var target = source.On(source.Database + "_restored");
        Assert.Empty((await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { AllowOtherDatabase = true }, new RecordedEvents(), CancellationToken.None)).Notes);
        await PgServer.ExecuteAsync(target, "ALTER TABLE t ALTER id SET DEFAULT 1");
        Assert.Equal("definitions: different", Assert.Single((await CompareAsync(ComparisonSide.OfFile(backup.Path), ComparisonSide.Of(target))).Changes));
    }

    /// <summary>Who owns what, and whom it is granted to, is what the user asked for.</summary>
    [Fact]
    public async Task A_restore_with_other_roles_or_without_extensions_reports_no_definition_differences()
    {
        using var folder = new TempFolder();
        await PgServer.ExecuteAsync(pg.Target, "CREATE ROLE def_first; CREATE ROLE def_second");
        var source = await pg.CreateDatabaseAsync("asked", "CREATE TABLE t (id int); ALTER TABLE t OWNER TO def_first; CREATE TABLE u (id int); GRANT SELECT ON u TO def_first; CREATE EXTENSION hstore");
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path), new RecordedEvents(), CancellationToken.None);
        RestoreOptions[] all = [new(), new() { NoOwner = true }, new() { RoleMap = new Dictionary<string, string> { ["def_first"] = "def_second" } }, new() { SkipExtensions = ["hstore"] }];
        foreach (var (i, options) in all.Index())
        {
            var request = new RestoreRequest(backup.Path, source.On($"{source.Database}_{i}")) { AllowOtherDatabase = true, Options = options };
            Assert.Empty((await new RestoreDatabase().RunAsync(request, new RecordedEvents(), CancellationToken.None)).Notes);
        }
    }

    [Fact]
    public async Task A_role_that_cannot_read_subscriptions_compares_everything_else()
    {
        var source = await pg.CreateDatabaseAsync("reader", "CREATE TABLE t (id int); CREATE EXTENSION postgres_fdw; CREATE SERVER r FOREIGN DATA WRAPPER postgres_fdw; CREATE USER MAPPING FOR PUBLIC SERVER r OPTIONS (password 'x'); GRANT SELECT ON t TO PUBLIC");
        await PgServer.ExecuteAsync(pg.Target, "CREATE ROLE def_reader LOGIN");

        var difference = await CompareAsync(source, source with { Username = "def_reader" });

        Assert.Empty(difference.Changes);
        Assert.Contains("subscriptions and user mappings: permission denied; only a superuser can read them", difference.NotCompared);
    }

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    private static Task<PgDifference> CompareAsync(DatabaseTarget reference, DatabaseTarget difference) => CompareAsync(ComparisonSide.Of(reference), ComparisonSide.Of(difference));

    private static Task<PgDifference> CompareAsync(ComparisonSide reference, ComparisonSide difference) =>
        new CompareDatabases().RunAsync(new CompareRequest(reference, difference), new RecordedEvents(), CancellationToken.None);

    private async Task<DatabaseTarget> CopyAsync(DatabaseTarget source, string name)
    {
        var copy = pg.Target.On($"{source.Database}_{name}");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(copy.Database)} TEMPLATE {SqlName.Quote(source.Database)}");
        return copy;
    }

    /// <summary>Not in one transaction, which some statements refuse.</summary>
    private static async Task ExecuteEachAsync(DatabaseTarget target, params string[] statements)
    {
        await using var connection = await target.OpenAsync(CancellationToken.None);
        foreach (var statement in statements)
            await connection.ExecuteAsync(statement, CancellationToken.None);
    }

    private async Task<DatabaseTarget> RestoredAsync(DatabaseTarget source)
    {
        using var folder = new TempFolder();
        var dump = Path.Combine(folder.Path, "dump");
        var restored = pg.Target.On(source.Database + "_restored");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(restored.Database)} TEMPLATE template0");
        await RunAsync("pg_dump", source, "--format=custom", "--file=" + dump);
        await RunAsync("pg_restore", restored, "--exit-on-error", "--dbname=" + restored.Database, dump);
        return restored;
    }

    private static async Task<string> SchemaDumpAsync(DatabaseTarget database)
    {
        using var folder = new TempFolder();
        var dump = Path.Combine(folder.Path, "dump.sql");
        await RunAsync("pg_dump", database, "--schema-only", "--file=" + dump);
        return ExpressionText.Canonical(string.Join('\n', (await File.ReadAllLinesAsync(dump)).Where(l => !l.StartsWith(@"\restrict", StringComparison.Ordinal) && !l.StartsWith(@"\unrestrict", StringComparison.Ordinal))));
    }

    private static async Task RunAsync(string program, DatabaseTarget database, params string[] arguments)
    {
        var tool = await PgTools.FindAsync(program, 15, CancellationToken.None);
        (await ToolProcess.RunAsync(new ToolCommand(tool.Path, arguments) { Environment = database.ToolEnvironment() }, CancellationToken.None)).OrThrow();
    }
}
