using DbSafety.Backups;
using DbSafety.Operations;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>Extensions stay where they are in an in-place restore; of their configuration tables, the rows that a dump holds are restored.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class InPlaceExtensionTests(PgServer pg) : IAsyncLifetime
{
    private TestExtension? extension;

    public async ValueTask InitializeAsync() => extension = await TestExtension.CreateAsync(pg, """
        CREATE TABLE @extschema@.kinds (id int PRIMARY KEY, builtin boolean NOT NULL DEFAULT false);
        INSERT INTO @extschema@.kinds SELECT i, true FROM generate_series(1, 4) i;
        CREATE TABLE @extschema@.rules (kind int REFERENCES @extschema@.kinds, note text);
        CREATE TABLE @extschema@.internal (id int);
        INSERT INTO @extschema@.internal VALUES (1);
        SELECT pg_catalog.pg_extension_config_dump('@extschema@.kinds', 'WHERE NOT builtin');
        SELECT pg_catalog.pg_extension_config_dump('@extschema@.rules', '');
        """);

    public ValueTask DisposeAsync()
    {
        extension?.Dispose();
        return ValueTask.CompletedTask;
    }

    [RootTheory]
    [InlineData("public")]
    [InlineData("ext")]
    public async Task An_in_place_restore_sets_extension_configuration_rows_to_the_rows_of_the_backup(string schema)
    {
        using var target = new TempFolder();
        var database = await pg.CreateDatabaseAsync("extension", SampleSql.Shop + $"CREATE SCHEMA IF NOT EXISTS {schema}; CREATE EXTENSION {extension!.Name} SCHEMA {schema};");
        await PgServer.ExecuteAsync(database, $"INSERT INTO {schema}.kinds SELECT i FROM generate_series(11, 17) i; INSERT INTO {schema}.rules SELECT i, 'n' || i FROM generate_series(11, 15) i; CREATE TABLE {schema}.own (id int REFERENCES {schema}.kinds); INSERT INTO {schema}.own VALUES (11)");
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(database, target.Path), OperationEvents.None, CancellationToken.None);
        await PgServer.ExecuteAsync(database, $"DELETE FROM {schema}.rules WHERE kind = 12; DELETE FROM {schema}.kinds WHERE id = 12; INSERT INTO {schema}.kinds VALUES (30), (31); INSERT INTO {schema}.rules VALUES (1, 'new'); INSERT INTO {schema}.internal VALUES (2)");

        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, database) { InPlaceBackup = target.Path }, OperationEvents.None, CancellationToken.None);

        Assert.True(restore.Verified);
        Assert.Equal("1,2,3,4,11,12,13,14,15,16,17", await PgServer.ScalarAsync<string>(database, $"SELECT string_agg(id::text, ',' ORDER BY id) FROM {schema}.kinds"));
        Assert.Equal("11,12,13,14,15", await PgServer.ScalarAsync<string>(database, $"SELECT string_agg(kind::text, ',' ORDER BY kind) FROM {schema}.rules"));
        Assert.Equal(2L, await PgServer.ScalarAsync<long>(database, $"SELECT count(*) FROM {schema}.internal"));
        Assert.Equal(1L, await PgServer.ScalarAsync<long>(database, $"SELECT count(*) FROM {schema}.own"));
        // And once more: nothing is there twice.
        await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, database) { InPlaceBackup = target.Path }, OperationEvents.None, CancellationToken.None);
        Assert.Equal(11L, await PgServer.ScalarAsync<long>(database, $"SELECT count(*) FROM {schema}.kinds"));
    }
}
