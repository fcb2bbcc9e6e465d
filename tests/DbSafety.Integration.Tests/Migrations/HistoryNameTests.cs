using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations;
using DbSafety.Migrations.Histories;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Histories whose tables have other names than their tools give them.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class HistoryNameTests(PgServer pg)
{
    /// <summary>The second name is computed, so that the table is known by its columns alone.</summary>
    [Theory]
    [InlineData("'done'")]
    [InlineData("'do' + 'ne'")]
    public async Task Knex_migration_history_with_a_custom_table_name_is_found(string name)
    {
        using var folder = new TempFolder();
        var target = await pg.CreateDatabaseAsync("knex");
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "node_modules"), Path.Combine(await NodePackages.InstallAsync("knex", "knex@3.1.0", "pg@8.16.3"), "node_modules"));
        Write(folder.Path, "knexfile.js", $"module.exports = {{ client: 'pg', connection: process.env.DATABASE_URL, migrations: {{ tableName: {name} }} }}");
        Write(folder.Path, "migrations/20240101_a.js", "exports.up = knex => knex.schema.createTable('a', t => t.integer('id'))\nexports.down = knex => knex.schema.dropTable('a')\n");

        var project = MigrationProject.Open(folder.Path, target, byCommand: true);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        Assert.Empty(await project.History.ReadAsync(connection, CancellationToken.None));

        await new RealTool("Knex", ["node", "node_modules/knex/bin/cli.js"], ["migrate:latest"]).UpAsync(folder.Path, target);

        Assert.Equal("20240101_a.js", Assert.Single(await project.History.ReadAsync(connection, CancellationToken.None)).Name);
        Assert.Equal(("public", "done"), project.History.Relation);
    }

    [Fact]
    public async Task Renamed_migration_history_that_contains_the_file_names_is_recognised()
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "node-pg-migrate").WriteTo(folder.Path);
        var tool = await RealTool.InstallAsync("node-pg-migrate", folder.Path);
        var target = await pg.CreateDatabaseAsync("tool");
        await tool.RunAsync(folder.Path, target, "up", "1", "--migrations-table", "done");

        Assert.Equal("1704067200000_a.sql:Applied 1704067300000_b.sql:Pending", await StatesAsync(folder.Path, target));
    }

    [Fact]
    public async Task Renamed_migration_history_with_only_versions_requires_a_configured_table_name()
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "golang-migrate").WriteTo(folder.Path);
        var target = await pg.CreateDatabaseAsync("tool", "CREATE TABLE done (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO done VALUES (1, false);");

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => StatesAsync(folder.Path, target));

        Assert.Equal("DBS482", error.Code);
        Assert.Contains("public.done", error.Message, StringComparison.Ordinal);
        Assert.Contains("x-migrations-table", error.Hint, StringComparison.Ordinal);
        foreach (var (name, states) in new[] { ("done", "1_a.up.sql:Applied 10_b.up.sql:Pending"), ("schema_migrations", "1_a.up.sql:Pending 10_b.up.sql:Pending") })
        {
            Write(folder.Path, "Makefile", $"up:\n\tmigrate -path migrations -database \"$(URL)&x-migrations-table={name}\" up\n");
            Assert.Equal(states, await StatesAsync(folder.Path, target));
        }
    }

    [Fact]
    public async Task Renamed_migration_history_with_unknown_versions_is_ignored()
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "golang-migrate").WriteTo(folder.Path);
        Assert.Equal("1_a.up.sql:Pending 10_b.up.sql:Pending", await StatesAsync(folder.Path, await pg.CreateDatabaseAsync("tool", "CREATE TABLE other (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO other VALUES (20240101, false);")));
    }

    [Fact]
    public async Task Sqitch_registry_schema_is_read_from_its_configuration()
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "sqitch").WriteTo(folder.Path);
        Write(folder.Path, "sqitch.conf", "[core]\n\tengine = pg\n[engine \"pg\"]\n\tregistry = own\n");
        var project = (await File.ReadAllLinesAsync(Path.Combine(folder.Path, "sqitch.plan"))).First(l => l.StartsWith("%project=", StringComparison.Ordinal))["%project=".Length..];
        var target = await pg.CreateDatabaseAsync("tool", $"CREATE SCHEMA own; CREATE TABLE own.changes (change_id text, script_hash text, change text, project text, committed_at timestamptz DEFAULT now()); INSERT INTO own.changes VALUES ('1', '', 'b', '{project}');");
        Assert.Equal("b:Applied a:Pending", await StatesAsync(folder.Path, target));
    }

    private static void Write(string folder, string file, string text)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static async Task<string> StatesAsync(string folder, DatabaseTarget target) =>
        string.Join(' ', (await new GetMigrations().RunAsync(new MigrationListRequest(folder, target), new RecordedEvents(), CancellationToken.None)).Select(m => $"{m.Name}:{m.State}"));
}
