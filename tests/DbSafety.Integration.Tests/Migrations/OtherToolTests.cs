using DbSafety.Core.Tests.Migrations;
using DbSafety.Databases;
using DbSafety.Integration.Tests.Rounds;
using DbSafety.Migrations;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Migrations of other tools, with the real tools as judges.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class OtherToolTests(PgServer pg)
{
    private const string FlywayTable =
        "CREATE TABLE flyway_schema_history (installed_rank int, version varchar, description varchar DEFAULT '', type varchar, script varchar, checksum int, installed_on timestamp DEFAULT now(), success boolean DEFAULT true); "
        + "INSERT INTO flyway_schema_history (installed_rank, version, script, type, checksum) VALUES ";

    [Theory]
    [InlineData("dbmate", "20240101000000_a.sql", "20240102000000_b.sql")]
    [InlineData("node-pg-migrate", "1704067200000_a.sql", "1704067300000_b.sql")]
    [InlineData("graphile-migrate", "000001-a.sql", "000002-b.sql")]
    [InlineData("db-migrate", "20240101000000-a", "20240102000000-b")]
    [InlineData("sqitch", "b", "a")]
    public async Task The_real_tool_and_we_agree_on_what_is_pending_and_its_command_runs_it(string name, string first, string second)
    {
        // Debian has it; npm does not.
        if (name == "sqitch" && !Round.IsLong && !File.Exists("/usr/bin/sqitch"))
            return;
        using var folder = new TempFolder();
        var layout = MigrationLayouts.All.Single(l => l.Name == name);
        var target = await pg.CreateDatabaseAsync("tool");
        using var shop = Shop.At(target);
        layout.WriteTo(folder.Path);
        var tool = await RealTool.InstallAsync(name, folder.Path);
        Assert.Equal($"{first}:Pending {second}:Pending", await StatesAsync(folder.Path, target));

        // One of the two, as an earlier release had it.
        await WithoutAsync(folder.Path, name, second, () => tool.UpAsync(folder.Path, target));
        layout.WriteTo(folder.Path);
        Assert.Equal($"{first}:Applied {second}:Pending", await StatesAsync(folder.Path, target));
        var findings = await new AnalyseMigrations().RunAsync(new MigrationTestRequest(folder.Path, target, All: true), shop.Events, CancellationToken.None);
        Assert.All(findings, f => Assert.Contains(second, f.File, StringComparison.Ordinal));
        Assert.Contains(findings, f => f.Rule == "create-table");

        var refused = await shop.FailsAsync(new SafeMigrationRequest(folder.Path, target), "DBS471");
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        Assert.Contains("--command", refused.Hint, StringComparison.Ordinal);
        var resolve = await Assert.ThrowsAsync<Errors.DbSafetyException>(() => new ResolveMigration().RunAsync(new MigrationResolveRequest(folder.Path, target, second, MigrationResolution.Applied), shop.Events, CancellationToken.None));
        Assert.Equal("DBS472", resolve.Code);
        Assert.Equal($"{first}:Applied {second}:Pending", await StatesAsync(folder.Path, target));

        var run = await shop.RunAsync(new SafeMigrationRequest(folder.Path, target) { SkipBackup = true, SkipRehearsal = true, Command = MigrationCommand.Parse([tool.Command]) });
        Assert.Equal((SafeMigrationOutcome.Applied, second), (run.Outcome, string.Join(' ', run.Applied)));
        Assert.Equal($"{first}:Applied {second}:Applied", await StatesAsync(folder.Path, target));
        Assert.Equal("a b", await PgServer.ScalarAsync<string>(target, "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relname IN ('a', 'b')"));
    }

    /// <summary>Tools that cannot be installed here: their tables as their sources create them.</summary>
    [Theory]
    [InlineData("goose", "CREATE TABLE goose_db_version (id serial, version_id bigint, is_applied boolean, tstamp timestamp DEFAULT now()); INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (2, true), (2, false);", "00001_a.sql:Applied 00002_b.sql:Pending")]
    [InlineData("golang-migrate", "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (1, false);", "1_a.up.sql:Applied 10_b.up.sql:Pending")]
    [InlineData("golang-migrate", "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (10, true);", "1_a.up.sql:Applied 10_b.up.sql:Failed")]
    [InlineData("golang-migrate", "CREATE SCHEMA app; CREATE TABLE app.schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO app.schema_migrations VALUES (10, false);", "1_a.up.sql:Applied 10_b.up.sql:Applied")]
    [InlineData("sqlx", "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text, installed_on timestamptz DEFAULT now(), success boolean, checksum bytea, execution_time bigint); INSERT INTO _sqlx_migrations (version, success) VALUES (20240101, true);", "20240101_a.sql:Applied 20240102_b.sql:Pending")]
    [InlineData("Flyway", FlywayTable + "(1, '1', 'V1__a.sql', 'SQL', 5), (2, NULL, 'R__view.sql', 'SQL', 1);", "V1__a.sql:Applied more/V2__b.sql:Pending R__view.sql:Pending")]
    [InlineData("Flyway", FlywayTable + "(1, '1', '<< Flyway Baseline >>', 'BASELINE', NULL), (2, '2', 'more/V2__b.sql', 'SQL', 5), (3, NULL, 'R__view.sql', 'SQL', 982419503), (4, '2', 'U2__b.sql', 'UNDO_SQL', 5);", "V1__a.sql:Applied more/V2__b.sql:Pending R__view.sql:Applied")]
    [InlineData("Diesel", "CREATE TABLE __diesel_schema_migrations (version varchar PRIMARY KEY, run_on timestamp DEFAULT now()); INSERT INTO __diesel_schema_migrations VALUES ('20240101000000');", "2024-01-01-000000_a:Applied 2024-01-02-000000_b:Pending")]
    [InlineData("Hasura", "CREATE SCHEMA hdb_catalog; CREATE TABLE hdb_catalog.hdb_version (cli_state jsonb); INSERT INTO hdb_catalog.hdb_version VALUES ('{\"migrations\": {\"default\": {\"1704067200000\": false}}}');", "1704067200000_a:Applied")]
    [InlineData("Supabase", "CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text); INSERT INTO supabase_migrations.schema_migrations VALUES ('20240101000000');", "20240101000000_a.sql:Applied 20240102000000_b.sql:Pending")]
    [InlineData("tern", "CREATE TABLE schema_version (version int4 NOT NULL); INSERT INTO schema_version VALUES (1);", "001_a.sql:Applied 002_b.sql:Pending")]
    [InlineData("Atlas", "CREATE SCHEMA atlas_schema_revisions; CREATE TABLE atlas_schema_revisions.atlas_schema_revisions (version varchar, type bigint, applied bigint, total bigint, executed_at timestamptz DEFAULT now()); INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES ('20240101', 2, 1, 1);", "20240101_a.sql:Applied 20240102_b.sql:Pending")]
    [InlineData("sql-migrate", "CREATE TABLE gorp_migrations (id text PRIMARY KEY, applied_at timestamptz); INSERT INTO gorp_migrations VALUES ('1_a.sql', now());", "1_a.sql:Applied 2_b.sql:Pending")]
    [InlineData("Liquibase formatted SQL", "CREATE TABLE databasechangelog (id varchar, author varchar, filename varchar, dateexecuted timestamp, orderexecuted int, exectype varchar); INSERT INTO databasechangelog VALUES ('2', 'me', 'b.sql', now(), 1, 'EXECUTED');", "b.sql::2::me:Applied a.sql::1::me:Pending")]
    [InlineData("pairs of .up.sql and .down.sql", "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text, installed_on timestamptz DEFAULT now(), success boolean, checksum bytea, execution_time bigint); INSERT INTO _sqlx_migrations (version, success) VALUES (1, true);", "1_a.up.sql:Applied 2_b.up.sql:Pending")]
    public async Task What_a_tool_has_applied_is_read_from_its_own_history(string layout, string history, string states)
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == layout).WriteTo(folder.Path);
        Assert.Equal(states, await StatesAsync(folder.Path, await pg.CreateDatabaseAsync("tool", history)));
    }

    [Fact]
    public async Task Of_several_configurations_the_one_that_drizzle_kit_takes_decides()
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "Drizzle with a second configuration").WriteTo(folder.Path);
        foreach (var (config, output) in new[] { ("drizzle.config.ts", "./one"), ("drizzle-dev.config.ts", "./dev") })
            Write(folder.Path, config, $"export default {{ dialect: 'postgresql', out: '{output}', dbCredentials: {{ url: process.env.DATABASE_URL }} }}");
        var target = await pg.CreateDatabaseAsync("tool");
        Assert.Equal("0000_a:Pending 0001_b:Pending", await StatesAsync(folder.Path, target));

        var said = await (await DrizzleTools.OldAsync()).KitAsync(folder.Path, target, "migrate");

        Assert.True(said.EndsWith("exit code 0", StringComparison.Ordinal), said);
        Assert.Equal("0000_a:Applied 0001_b:Applied", await StatesAsync(folder.Path, target));
    }

    [Fact]
    public async Task The_folder_of_migrations_that_Prisma_is_configured_for_decides()
    {
        using var folder = new TempFolder();
        Write(folder.Path, "db/changes/20240101_a/migration.sql", MigrationLayouts.A);
        Write(folder.Path, "migrations/20230101_old/migration.sql", "CREATE TABLE old (id int);");
        await PrismaCli.PrepareAsync(folder.Path);
        var config = Path.Combine(folder.Path, "prisma.config.ts");
        await File.WriteAllTextAsync(config, (await File.ReadAllTextAsync(config)).Replace("schema: 'schema.prisma',", "schema: 'schema.prisma', migrations: { path: 'db/changes' },", StringComparison.Ordinal));
        var target = await pg.CreateDatabaseAsync("tool");
        Assert.Equal("20240101_a:Pending", await StatesAsync(folder.Path, target));

        var said = await PrismaCli.RunAsync(folder.Path, target, "migrate", "deploy");

        Assert.True(said.EndsWith("exit code 0", StringComparison.Ordinal), said);
        Assert.Equal("20240101_a:Applied", await StatesAsync(folder.Path, target));
    }

    [Fact]
    public async Task The_gate_judges_what_another_tools_command_is_going_to_run()
    {
        using var folder = new TempFolder();
        var target = await pg.CreateDatabaseAsync("tool", "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1);");
        using var shop = Shop.At(target);
        Write(folder.Path, "db/migrations/1_x.sql", "-- migrate:up\nDROP TABLE kept;\n-- migrate:down\nCREATE TABLE kept (id int);\n");

        var failure = await shop.FailsAsync(new SafeMigrationRequest(folder.Path, target) { Command = MigrationCommand.Parse(["dbmate up"]) }, "DBS403");

        Assert.Contains("kept", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rehearsal_runs_the_command_on_the_copy_and_then_on_the_database()
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "node-pg-migrate").WriteTo(folder.Path);
        var target = await pg.CreateDatabaseAsync("tool");
        using var shop = Shop.At(target);
        var tool = await RealTool.InstallAsync("node-pg-migrate", folder.Path);

        var run = await shop.RunAsync(new SafeMigrationRequest(folder.Path, target) { BackupDestination = Path.Combine(shop.Root, "backups"), AllowUnisolatedCommand = true, Command = MigrationCommand.Parse([tool.Command]) });

        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.Equal(MigrationStageState.Done, run.Stages.Single(s => s.Name == "rehearse").State);
        Assert.Equal(2, run.Applied.Count);
    }

    private static async Task WithoutAsync(string folder, string tool, string last, Func<Task> work)
    {
        if (tool == "sqitch")
        {
            var plan = Path.Combine(folder, "sqitch.plan");
            await File.WriteAllLinesAsync(plan, (await File.ReadAllLinesAsync(plan)).Where(l => !l.StartsWith(last + " ", StringComparison.Ordinal)));
        }
        else
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Where(f => Path.GetFileName(f).StartsWith(Path.GetFileNameWithoutExtension(last), StringComparison.Ordinal)).ToList())
                File.Delete(file);
        }

        await work();
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
