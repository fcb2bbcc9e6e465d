using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Comparisons;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>Rows and sequences of an extension that it registered as its configuration are in a dump: they are counted, restored and compared.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class ExtensionConfigurationTests(PgServer pg) : IAsyncLifetime
{
    private TestExtension? extension;

    private string Name => extension!.Name;

    public async ValueTask InitializeAsync() => extension = await TestExtension.CreateAsync(pg, """
        CREATE TABLE @extschema@.jobs (id int PRIMARY KEY, builtin boolean NOT NULL DEFAULT false);
        INSERT INTO @extschema@.jobs SELECT i, true FROM generate_series(1, 4) i;
        CREATE TABLE @extschema@.defaults (note text);
        INSERT INTO @extschema@.defaults VALUES ('as created');
        CREATE TABLE @extschema@.internal (id int);
        CREATE SEQUENCE @extschema@.job_ids;
        CREATE SEQUENCE @extschema@.internal_ids;
        SELECT pg_catalog.pg_extension_config_dump('@extschema@.jobs', 'WHERE NOT builtin');
        SELECT pg_catalog.pg_extension_config_dump('@extschema@.defaults', '');
        SELECT pg_catalog.pg_extension_config_dump('@extschema@.job_ids', '');
        """);

    public ValueTask DisposeAsync()
    {
        extension?.Dispose();
        return ValueTask.CompletedTask;
    }

    [RootTheory]
    [InlineData(BackupFormat.Custom)]
    [InlineData(BackupFormat.Plain)]
    public async Task Extension_configuration_rows_are_counted_restored_and_compared(BackupFormat format)
    {
        using var folder = new TempFolder();
        var source = await CreateAsync();

        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path) { Format = format, Checksum = true }, new RecordedEvents(), CancellationToken.None);

        Assert.Equal((7L, Name), (InPlaceDatabase.Rows(backup, "ext.jobs"), backup.Manifest.Tables.Single(t => t.Name == "jobs").Extension));
        Assert.Equal(17, Assert.Single(backup.Manifest.Sequences).Value);
        Assert.DoesNotContain(backup.Manifest.NotProven, n => n.Contains("jobs", StringComparison.Ordinal));
        Assert.True((await BackupTests.Test(backup.Path)).Passed);
        var restored = source.On(source.Database + "_r");
        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, restored), new RecordedEvents(), CancellationToken.None);
        Assert.True(restore.Verified);
        Assert.Equal("1,2,3,4,11,12,13,14,15,16,17", await PgServer.ScalarAsync<string>(restored, "SELECT string_agg(id::text, ',' ORDER BY id) FROM ext.jobs"));
        Assert.Equal(18L, await PgServer.ScalarAsync<long>(restored, "SELECT nextval('ext.job_ids')"));
        // As pg_restore leaves it: the row that the extension creates by itself is there twice.
        Assert.Contains(restore.Notes, n => n.StartsWith("ext.defaults, which belongs to the extension", StringComparison.Ordinal));

        await PgServer.ExecuteAsync(source, "DELETE FROM ext.jobs WHERE NOT builtin");
        foreach (var reference in new[] { ComparisonSide.Of(backup), ComparisonSide.Of(restored) })
        {
            var difference = await new CompareDatabases().RunAsync(new CompareRequest(reference, ComparisonSide.Of(source)), new RecordedEvents(), CancellationToken.None);
            Assert.Contains("ext.jobs: 7 rows fewer (7 before, 0 now)", difference.Changes);
        }
    }

    /// <summary>As sets of before were: the rows are in the dump, and not in the manifest.</summary>
    [RootFact]
    public async Task A_set_without_counts_of_extension_configuration_rows_is_tested_restored_and_compared()
    {
        using var folder = new TempFolder();
        var source = await CreateAsync();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path), new RecordedEvents(), CancellationToken.None);
        var manifest = backup.Manifest with
        {
            Tables = [.. backup.Manifest.Tables.Where(t => t.Extension is null)],
            NotProven = [.. backup.Manifest.NotProven, "extension's own table ext.jobs", "extension's own table ext.defaults", "7 rows of the extension's table ext.jobs"],
        };
        await File.WriteAllTextAsync(backup.Path, ManifestFile.Write(manifest));

        Assert.True((await BackupTests.Test(backup.Path)).Passed);
        var restored = source.On(source.Database + "_r");
        Assert.True((await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, restored), new RecordedEvents(), CancellationToken.None)).Verified);
        var difference = await new CompareDatabases().RunAsync(new CompareRequest(ComparisonSide.Of(backup), ComparisonSide.Of(source)), new RecordedEvents(), CancellationToken.None);
        Assert.True(difference.Same, string.Join("; ", difference.Changes));
    }

    [RootFact]
    public async Task Skipping_an_extension_also_skips_its_rows_and_sequences()
    {
        using var folder = new TempFolder();
        var source = await CreateAsync();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path), new RecordedEvents(), CancellationToken.None);
        var restored = source.On(source.Database + "_r");

        await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, restored) { Options = new RestoreOptions { SkipExtensions = [Name] } }, new RecordedEvents(), CancellationToken.None);

        Assert.Equal(3L, await PgServer.ScalarAsync<long>(restored, "SELECT count(*) FROM own"));
        Assert.True(await PgServer.ScalarAsync<bool>(restored, "SELECT to_regclass('ext.jobs') IS NULL"));
    }

    /// <summary>As pg_cron, which only the database of cron.database_name can have.</summary>
    [RootFact]
    public async Task An_extension_that_is_limited_to_a_single_database_is_reported_before_anything_is_created()
    {
        using var folder = new TempFolder();
        using var cron = await TestExtension.CreateAsync(pg, "CREATE TABLE @extschema@.job (id int); SELECT pg_catalog.pg_extension_config_dump('@extschema@.job', '');", "pg_cron");
        var source = await pg.CreateDatabaseAsync("cron", "CREATE EXTENSION pg_cron; INSERT INTO job VALUES (1), (2); CREATE TABLE own AS SELECT i FROM generate_series(1, 3) i");
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path), new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE postgres SET cron.database_name = {SqlName.Literal(source.Database)}");
        try
        {
            var error = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, source), new RecordedEvents(), CancellationToken.None));
            Assert.Equal(("DBS132", 3), (error.Code, error.ExitCode));
            Assert.Contains($"extension pg_cron can be created only in database", error.Message, StringComparison.Ordinal);
            Assert.Contains("--in-place", error.Hint, StringComparison.Ordinal);
            Assert.Equal(0L, await PgServer.ScalarAsync<long>(pg.Target, $"SELECT count(*) FROM pg_database WHERE datname LIKE '{source.Database}\\_%'"));

            // The way that works.
            await PgServer.ExecuteAsync(source, "DELETE FROM own; DELETE FROM job");
            Assert.True((await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, source) { InPlaceBackup = folder.Path }, new RecordedEvents(), CancellationToken.None)).Verified);
            Assert.Equal(6L, await PgServer.ScalarAsync<long>(source, "SELECT (SELECT count(*) FROM own) * (SELECT count(*) FROM job)"));
        }
        finally
        {
            await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE postgres RESET cron.database_name");
        }
    }

    private async Task<DatabaseTarget> CreateAsync()
    {
        var source = await pg.CreateDatabaseAsync("extension", $"CREATE SCHEMA ext; CREATE EXTENSION {Name} SCHEMA ext; CREATE TABLE own AS SELECT i FROM generate_series(1, 3) i");
        await PgServer.ExecuteAsync(source, "INSERT INTO ext.jobs SELECT i FROM generate_series(11, 17) i; INSERT INTO ext.internal VALUES (1); SELECT setval('ext.job_ids', 17); SELECT setval('ext.internal_ids', 3)");
        return source;
    }
}
