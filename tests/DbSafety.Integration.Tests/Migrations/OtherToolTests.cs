using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Rounds;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Sources.Flyway;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Migrations of other tools, with the real tools as judges.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class OtherToolTests(PgServer pg)
{
    private const string FlywayTable =
        "CREATE TABLE flyway_schema_history (installed_rank int, version varchar, description varchar DEFAULT '', type varchar, script varchar, checksum int, installed_on timestamp DEFAULT now(), success boolean DEFAULT true); "
        + "INSERT INTO flyway_schema_history (installed_rank, version, script, type, checksum) VALUES ";

    private const string Prisma8History =
        "CREATE SCHEMA prisma_contract; CREATE TABLE prisma_contract.ledger (id bigserial, space text, migration_name text, migration_hash text, origin_core_hash text, destination_core_hash text, operations jsonb, created_at timestamptz DEFAULT now()); "
        + "INSERT INTO prisma_contract.ledger (space, migration_name, migration_hash, origin_core_hash, destination_core_hash, operations) VALUES ";

    [Theory]
    [InlineData("dbmate", "20240101000000_a.sql", "20240102000000_b.sql")]
    [InlineData("node-pg-migrate", "1704067200000_a.sql", "1704067300000_b.sql")]
    [InlineData("graphile-migrate", "000001-a.sql", "000002-b.sql")]
    [InlineData("db-migrate", "20240101000000-a", "20240102000000-b")]
    [InlineData("sqitch", "b", "a")]
    public async Task Pending_migrations_match_the_installed_tool_and_its_command_applies_them(string name, string first, string second)
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
        var resolve = await Assert.ThrowsAsync<DbSafetyException>(() => new ResolveMigration().RunAsync(new MigrationResolveRequest(folder.Path, target, second, MigrationResolution.Applied), shop.Events, CancellationToken.None));
        Assert.Equal("DBS472", resolve.Code);
        Assert.Equal($"{first}:Applied {second}:Pending", await StatesAsync(folder.Path, target));

        var run = await shop.RunAsync(new SafeMigrationRequest(folder.Path, target) { SkipBackup = true, SkipRehearsal = true, Command = MigrationCommand.Parse([tool.Command]) });
        Assert.Equal((SafeMigrationOutcome.Applied, second), (run.Outcome, string.Join(' ', run.Applied)));
        Assert.Equal($"{first}:Applied {second}:Applied", await StatesAsync(folder.Path, target));
        Assert.Equal("a b", await PgServer.ScalarAsync<string>(target, "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relname IN ('a', 'b')"));
    }

    [Fact]
    public async Task Version_with_different_leading_zeros_is_a_different_version_as_in_dbmate()
    {
        using var folder = new TempFolder();
        var target = await pg.CreateDatabaseAsync("tool");
        var tool = await RealTool.InstallAsync("dbmate", folder.Path);
        var migrations = Directory.CreateDirectory(Path.Combine(folder.Path, "db/migrations")).FullName;
        await File.WriteAllTextAsync(Path.Combine(migrations, "1_a.sql"), "-- migrate:up\nCREATE TABLE a (id int);\n-- migrate:down\n");
        await tool.UpAsync(folder.Path, target);
        File.Move(Path.Combine(migrations, "1_a.sql"), Path.Combine(migrations, "001_a.sql"));

        Assert.Contains("[ ] 001_a.sql", (await tool.RunAsync(folder.Path, target, "status")).Output, StringComparison.Ordinal);
        Assert.Contains("001_a.sql:Pending", await StatesAsync(folder.Path, target), StringComparison.Ordinal);
        // Nor does it read a file that begins with a byte order mark.
        await File.WriteAllTextAsync(Path.Combine(migrations, "2_b.sql"), "\uFEFF-- migrate:up\nSELECT 1;\n-- migrate:down\n");
        File.Delete(Path.Combine(migrations, "001_a.sql"));
        Assert.NotEqual(0, (await tool.RunAsync(folder.Path, target, [.. tool.Up])).ExitCode);
        Assert.Equal("DBS477", (await Assert.ThrowsAsync<DbSafetyException>(() => StatesAsync(folder.Path, target))).Code);
    }

    [Fact]
    public async Task Files_of_several_folders_are_ordered_as_in_dbmate()
    {
        using var folder = new TempFolder();
        var target = await pg.CreateDatabaseAsync("tool");
        var tool = await RealTool.InstallAsync("dbmate", folder.Path);
        Write(folder.Path, ".env", "DBMATE_MIGRATIONS_DIR=\"./db/two, db/one\"\n");
        Write(folder.Path, "db/two/2_b.sql", "-- migrate:up\nALTER TABLE a ADD COLUMN b int;\n-- migrate:down\n");
        Write(folder.Path, "db/one/1_a.sql", "-- migrate:up\nCREATE TABLE a ();\n-- migrate:down\n");
        Write(folder.Path, "db/one/3_c.sql", "-- migrate:up\nALTER TABLE a DROP COLUMN b;\n-- migrate:down\n");
        Assert.Equal("1_a.sql:Pending 2_b.sql:Pending 3_c.sql:Pending", await StatesAsync(folder.Path, target));

        var reported = await tool.UpAsync(folder.Path, target);

        Assert.Equal(["1_a.sql", "2_b.sql", "3_c.sql"], reported.Split('\n').Where(l => l.StartsWith("Applying:", StringComparison.Ordinal)).Select(l => l.Split(' ')[1]));
        Assert.Equal("1_a.sql:Applied 2_b.sql:Applied 3_c.sql:Applied", await StatesAsync(Path.Combine(folder.Path, "db/one"), target));
        // It refuses what is refused here.
        Write(folder.Path, ".env", "DBMATE_MIGRATIONS_DIR=db/one,db/gone\n");
        Assert.NotEqual(0, (await tool.RunAsync(folder.Path, target, [.. tool.Up])).ExitCode);
        Assert.Equal("DBS477", (await Assert.ThrowsAsync<DbSafetyException>(() => StatesAsync(folder.Path, target))).Code);
    }

    [Fact]
    public async Task Migration_folder_of_db_migrate_is_read_from_its_configuration()
    {
        using var folder = new TempFolder();
        var layout = MigrationLayouts.All.Single(l => l.Name == "db-migrate");
        layout.WriteTo(folder.Path);
        Directory.CreateDirectory(Path.Combine(folder.Path, "db"));
        Directory.Move(Path.Combine(folder.Path, "migrations"), Path.Combine(folder.Path, "db/m"));
        Write(folder.Path, "migrations/20230101000000-stale.js", await File.ReadAllTextAsync(Path.Combine(folder.Path, "db/m/20240101000000-a.js")));
        Write(folder.Path, "migrations/sqls/20230101000000-stale-up.sql", "SELECT 1;\n");
        Write(folder.Path, ".db-migraterc", "{ \"migrations-dir\": \"./db/m\" }\n");
        var target = await pg.CreateDatabaseAsync("tool");
        var tool = await RealTool.InstallAsync("db-migrate", folder.Path);
        Assert.Equal("20240101000000-a:Pending 20240102000000-b:Pending", await StatesAsync(folder.Path, target));

        await tool.UpAsync(folder.Path, target);

        Assert.Equal("20240101000000-a:Applied 20240102000000-b:Applied", await StatesAsync(folder.Path, target));
    }

    [Fact]
    public async Task Hasura_migration_state_is_read_for_the_database_of_the_folder()
    {
        using var folder = new TempFolder();
        var target = await pg.CreateDatabaseAsync("tool", "CREATE SCHEMA hdb_catalog; CREATE TABLE hdb_catalog.hdb_version (cli_state jsonb); INSERT INTO hdb_catalog.hdb_version VALUES ('{\"migrations\": {\"default\": {\"1\": false}, \"it''s\": {\"2\": false}}}');");
        foreach (var path in new[] { "default/1_a", "default/2_b", "other/1_a", "it's/2_b" })
            Write(folder.Path, $"migrations/{path}/up.sql", "SELECT 1;\n");
        Assert.Equal("1_a:Applied 2_b:Pending", await StatesAsync(Path.Combine(folder.Path, "migrations/default"), target));
        Assert.Equal("1_a:Pending", await StatesAsync(Path.Combine(folder.Path, "migrations/other"), target));
        Assert.Equal("2_b:Applied", await StatesAsync(Path.Combine(folder.Path, "migrations/it's"), target));
        Directory.Delete(Path.Combine(folder.Path, "migrations/default"), recursive: true);
        Directory.Delete(Path.Combine(folder.Path, "migrations/it's"), recursive: true);
        Write(folder.Path, "config.yaml", "version: 3\nendpoint: http://localhost:8080\n");
        Assert.Equal("1_a:Pending", await StatesAsync(folder.Path, target));
        Assert.Equal("1_a:Pending", await StatesAsync(Path.Combine(folder.Path, "migrations/other"), target));
    }

    [Fact]
    public async Task Safety_check_includes_placeholders_and_actions_of_the_graphile_migrate_configuration()
    {
        using var folder = new TempFolder();
        var target = await pg.CreateDatabaseAsync("tool", "CREATE TABLE one (id int); CREATE TABLE two (id int); INSERT INTO one VALUES (1); INSERT INTO two VALUES (1);");
        using var shop = Shop.At(target);
        var tool = await RealTool.InstallAsync("graphile-migrate", folder.Path);
        Write(folder.Path, ".gmrc", "{ \"placeholders\": {\":GONE\": \"one\"}, \"afterAllMigrations\": [\"after.sql\"] }");
        Write(folder.Path, "migrations/after.sql", "DROP TABLE IF EXISTS two;\n");
        const string body = "DROP TABLE :GONE;\n";
#pragma warning disable CA5350 // hash.ts, of a first migration: it knows no other.
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData(System.Text.Encoding.UTF8.GetBytes(body)));
#pragma warning restore CA5350
        Write(folder.Path, "migrations/committed/000001-x.sql", $"--! Previous: -\n--! Hash: sha1:{hash}\n\n{body}");

        var failure = await shop.FailsAsync(new SafeMigrationRequest(folder.Path, target) { Command = MigrationCommand.Parse([tool.Command]) }, "DBS403");

        Assert.Contains("drop-table:one", failure.Hint, StringComparison.Ordinal);
        Assert.Contains("drop-table:two", failure.Hint, StringComparison.Ordinal);
        await tool.UpAsync(folder.Path, target);
        Assert.Equal(0L, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM pg_class WHERE relname IN ('one', 'two')"));
    }

    [Fact]
    public async Task Files_with_the_same_number_are_ordered_as_in_node_pg_migrate()
    {
        using var folder = new TempFolder();
        var target = await pg.CreateDatabaseAsync("tool");
        var tool = await RealTool.InstallAsync("node-pg-migrate", folder.Path);
        Write(folder.Path, "package.json", "{\"devDependencies\": {\"node-pg-migrate\": \"9\"}}");
        foreach (var name in new[] { "01_c", "1_b", "1_a", "1_B", "1-a2", "1_a10", "2_+", "2_1", "2_a", "02_A_b" })
            Write(folder.Path, $"migrations/{name}.sql", "SELECT 1;\n");
        var files = DbSafety.Migrations.Sources.MigrationFolder.Open(folder.Path).Files.Select(f => Path.GetFileNameWithoutExtension(f.Name));

        await tool.UpAsync(folder.Path, target);

        Assert.Equal(await PgServer.ScalarAsync<string>(target, "SELECT string_agg(name, ' ' ORDER BY id) FROM pgmigrations"), string.Join(' ', files));
    }

    /// <summary>Tools that cannot be installed here: their tables as their sources create them.</summary>
    [Theory]
    [InlineData("goose", "CREATE TABLE goose_db_version (id serial, version_id bigint, is_applied boolean, tstamp timestamp DEFAULT now()); INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (2, true), (2, false);", "00001_a.sql:Applied 00002_b.sql:Pending")]
    [InlineData("golang-migrate", "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (1, false);", "1_a.up.sql:Applied 10_b.up.sql:Pending")]
    [InlineData("golang-migrate", "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (10, true);", "1_a.up.sql:Applied? 10_b.up.sql:Failed")]
    [InlineData("golang-migrate", "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (1, true);", "1_a.up.sql:Failed 10_b.up.sql:Pending")]
    [InlineData("sqlx", "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text, installed_on timestamptz DEFAULT now(), success boolean, checksum bytea, execution_time bigint); INSERT INTO _sqlx_migrations (version, success) VALUES (20240101, true);", "20240101_a.sql:Applied 20240102_b.sql:Pending")]
    [InlineData("Flyway", FlywayTable + "(1, '1', 'V1__a.sql', 'SQL', -623083431), (2, NULL, 'R__view.sql', 'SQL', 1);", "V1__a.sql:Applied more/V2__b.sql:Pending R__view.sql:Pending")]
    [InlineData("Flyway", FlywayTable + "(1, '1', '<< Flyway Baseline >>', 'BASELINE', NULL), (2, '2', 'more/V2__b.sql', 'SQL', 5), (3, NULL, 'R__view.sql', 'SQL', 982419503), (4, '2', 'U2__b.sql', 'UNDO_SQL', 5);", "V1__a.sql:Applied more/V2__b.sql:Pending R__view.sql:Applied")]
    [InlineData("Diesel", "CREATE TABLE __diesel_schema_migrations (version varchar PRIMARY KEY, run_on timestamp DEFAULT now()); INSERT INTO __diesel_schema_migrations VALUES ('20240101000000');", "2024-01-01-000000_a:Applied 2024-01-02-000000_b:Pending")]
    [InlineData("Hasura", "CREATE SCHEMA hdb_catalog; CREATE TABLE hdb_catalog.hdb_version (cli_state jsonb); INSERT INTO hdb_catalog.hdb_version VALUES ('{\"migrations\": {\"default\": {\"1704067200000\": false}}}');", "1704067200000_a:Applied")]
    [InlineData("Supabase", "CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text); INSERT INTO supabase_migrations.schema_migrations VALUES ('20240101000000');", "20240101000000_a.sql:Applied 20240102000000_b.sql:Pending")]
    [InlineData("tern", "CREATE TABLE schema_version (version int4 NOT NULL); INSERT INTO schema_version VALUES (1);", "001_a.sql:Applied 002_b.sql:Pending")]
    [InlineData("Atlas", "CREATE SCHEMA atlas_schema_revisions; CREATE TABLE atlas_schema_revisions.atlas_schema_revisions (version varchar, type bigint, applied bigint, total bigint, executed_at timestamptz DEFAULT now()); INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES ('20240101', 2, 1, 1);", "20240101_a.sql:Applied 20240102_b.sql:Pending")]
    [InlineData("sql-migrate", "CREATE TABLE gorp_migrations (id text PRIMARY KEY, applied_at timestamptz); INSERT INTO gorp_migrations VALUES ('1_a.sql', now());", "1_a.sql:Applied 2_b.sql:Pending")]
    [InlineData("Liquibase formatted SQL", "CREATE TABLE databasechangelog (id varchar, author varchar, filename varchar, dateexecuted timestamp, orderexecuted int, exectype varchar); INSERT INTO databasechangelog VALUES ('2', 'me', 'b.sql', now(), 1, 'EXECUTED');", "b.sql::2::me:Applied a.sql::1::me:Pending")]
    [InlineData("pairs of .up.sql and .down.sql", "CREATE TABLE schema_migrations (id bigint, applied timestamp, description text); INSERT INTO schema_migrations VALUES (1, now(), 'a');", "1_a.up.sql:Applied 2_b.up.sql:Pending")]
    [InlineData("refinery", "CREATE TABLE refinery_schema_history (version int, name text, applied_on text, checksum text); INSERT INTO refinery_schema_history VALUES (1, 'a', '', '');", "V1__a.sql:Applied U2__b.sql:Pending")]
    [InlineData("pairs of .up.sql and .down.sql", "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text, installed_on timestamptz DEFAULT now(), success boolean, checksum bytea, execution_time bigint); INSERT INTO _sqlx_migrations (version, success) VALUES (1, true);", "1_a.up.sql:Applied 2_b.up.sql:Pending")]
    public async Task Applied_migrations_are_read_from_the_migration_history_of_each_tool(string layout, string history, string states)
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == layout).WriteTo(folder.Path);
        Assert.Equal(states, await StatesAsync(folder.Path, await pg.CreateDatabaseAsync("tool", history)));
    }

    /// <summary>Flyway cannot be had here: its rows as its source writes them.</summary>
    [Theory]
    [InlineData("Flyway with a baseline script", "SELECT 1;", "V1__a.sql:Unlisted B1__old.sql:Unlisted V2__b.sql:Unlisted B2__all.sql:Pending V3__c.sql:Pending")]
    [InlineData("Flyway with a baseline script", FlywayTable + "(1, '1', 'V1__a.sql', 'SQL', -623083431);", "V1__a.sql:Applied B1__old.sql:Unlisted V2__b.sql:Pending B2__all.sql:Unlisted V3__c.sql:Pending")]
    [InlineData("Flyway with a baseline script", FlywayTable + "(1, '2', 'B2__all.sql', 'SQL_BASELINE', 5);", "V1__a.sql:Applied? B1__old.sql:Unlisted V2__b.sql:Applied B2__all.sql:Applied V3__c.sql:Pending")]
    [InlineData("Flyway with a baseline script", FlywayTable + "(1, '2', '<< Flyway Baseline >>', 'BASELINE', NULL);", "V1__a.sql:Applied? B1__old.sql:Unlisted V2__b.sql:Applied B2__all.sql:Unlisted V3__c.sql:Pending")]
    [InlineData("Flyway with a baseline script", FlywayTable + "(0, NULL, '\"public\"', 'SCHEMA', NULL);", "V1__a.sql:Unlisted B1__old.sql:Unlisted V2__b.sql:Unlisted B2__all.sql:Pending V3__c.sql:Pending")]
    [InlineData("Flyway with flyway.conf", "CREATE SCHEMA app; SET search_path = app; " + FlywayTable + "(1, '1', 'V1__a.sql', 'SQL', -623083431); " + "SET search_path = public; " + FlywayTable + "(1, '2', 'V2__scale_down.sql', 'SQL', 5);", "one/scripts/V1__a.sql:Applied two/scripts/V2__scale_down.sql:Pending two/scripts/V3__later.sql:Unlisted")]
    [InlineData("Flyway with flyway.conf", FlywayTable + "(1, '1', 'V1__a.sql', 'SQL', -623083431);", "one/scripts/V1__a.sql:Pending two/scripts/V2__scale_down.sql:Pending two/scripts/V3__later.sql:Unlisted")]
    [InlineData("Flyway with callbacks and script configuration", FlywayTable + "(1, '1', 'V1__a.sql', 'SQL', -623083431);", "V1__a.sql:Applied V2__b.sql:Unlisted R__v.sql:Pending")]
    [InlineData("Flyway with a placeholder without a value", "SELECT 1;", "V1__a.sql:Pending")]
    [InlineData("Flyway", FlywayTable + "(1, '1', 'V1__a.sql', 'SQL', 5), (2, '2', 'more/V2__b.sql', 'SQL', 1128195672), (3, NULL, 'R__view.sql', 'SQL', 1);", "V1__a.sql:Modified more/V2__b.sql:Applied R__view.sql:Pending")]
    [InlineData("Flyway", FlywayTable + "(1, '1', 'V1__a.sql', 'SQL', NULL), (2, '2', 'more/V2__b.sql', 'JDBC', NULL);", "V1__a.sql:Modified more/V2__b.sql:Applied R__view.sql:Pending")]
    [InlineData("Flyway", FlywayTable + "(1, '1', 'V1__a.sql', 'SQL', 5), (2, '1', '<< Flyway Baseline >>', 'BASELINE', NULL);", "V1__a.sql:Applied more/V2__b.sql:Pending R__view.sql:Pending")]
    [InlineData("golang-migrate", "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (10, false);", "1_a.up.sql:Applied? 10_b.up.sql:Applied")]
    [InlineData("tern", "CREATE TABLE schema_version (version int4 NOT NULL); INSERT INTO schema_version VALUES (2);", "001_a.sql:Applied? 002_b.sql:Applied")]
    [InlineData("Flyway with a baseline script", FlywayTable + "(1, '3', '<< Flyway Baseline >>', 'BASELINE', NULL);", "V1__a.sql:Applied? B1__old.sql:Unlisted V2__b.sql:Applied? B2__all.sql:Unlisted V3__c.sql:Applied")]
    [InlineData("Prisma 8", "SELECT 1;", "app/20240102T0000_a:Pending app/20240101T0000_b:Pending")]
    [InlineData("Prisma 8", Prisma8History + "('app', '20240102T0000_a', 'hash-1', NULL, '1', '[]');", "app/20240102T0000_a:Applied app/20240101T0000_b:Pending")]
    [InlineData("Prisma 8", Prisma8History + "('app', '20240102T0000_a', 'another', NULL, '1', '[]');", "app/20240102T0000_a:Modified app/20240101T0000_b:Pending")]
    public async Task Pending_migrations_match_the_migrations_that_the_tool_would_run_next(string layout, string history, string states)
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == layout).WriteTo(folder.Path);
        Assert.Equal(states, await StatesAsync(folder.Path, await pg.CreateDatabaseAsync("tool", history)));
    }

    [Fact]
    public async Task Script_modified_after_Flyway_applied_it_stops_a_run_unless_validateOnMigrate_is_off()
    {
        using var folder = new TempFolder();
        Write(folder.Path, "flyway.conf", "");
        Write(folder.Path, "sql/V1__a.sql", "CREATE TABLE a (id int, note text);\n");
        Write(folder.Path, "sql/V2__b.sql", MigrationLayouts.B);
        var target = await pg.CreateDatabaseAsync("tool", FlywayTable + "(1, '1', 'V1__a.sql', 'SQL', -623083431);");
        using var shop = Shop.At(target);

        var failure = await shop.FailsAsync(new SafeMigrationRequest(folder.Path, target) { Command = MigrationCommand.Parse(["flyway migrate"]) }, "DBS402");

        Assert.Contains("V1__a.sql is modified after it was applied", failure.Message, StringComparison.Ordinal);
        Assert.Contains("flyway repair", failure.Hint, StringComparison.Ordinal);
        Write(folder.Path, "flyway.conf", "flyway.validateOnMigrate=false\n");
        Assert.Equal("V1__a.sql:Applied V2__b.sql:Pending", await StatesAsync(folder.Path, target));
    }

    [Fact]
    public async Task File_below_the_only_recorded_version_is_reported_as_possibly_not_applied()
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "golang-migrate").WriteTo(folder.Path);
        Write(folder.Path, "migrations/5_late.up.sql", "SELECT 1;");
        var target = await pg.CreateDatabaseAsync("tool", "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (10, false);");
        using var shop = Shop.At(target);

        Assert.Equal("1_a.up.sql:Applied? 5_late.up.sql:Applied? 10_b.up.sql:Applied", await StatesAsync(folder.Path, target));
        await new GetMigrations().RunAsync(new MigrationListRequest(folder.Path, target), shop.Events, CancellationToken.None);
        Assert.Contains("no row for 2 of the files, which are treated as applied: 1_a.up.sql, 5_late.up.sql", shop.Events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_without_migration_history_has_the_configured_Flyway_baseline_version()
    {
        using var folder = new TempFolder();
        Write(folder.Path, "flyway.toml", "[flyway]\nbaselineOnMigrate = true\nbaselineVersion = '1.9'\n");
        Write(folder.Path, "sql/V1_9__a.sql", MigrationLayouts.A);
        Write(folder.Path, "sql/V1.10__b.sql", MigrationLayouts.B);
        Assert.Equal("V1_9__a.sql:Pending V1.10__b.sql:Pending", await StatesAsync(folder.Path, await pg.CreateDatabaseAsync("tool")));
        Assert.Equal("V1_9__a.sql:Applied V1.10__b.sql:Pending", await StatesAsync(folder.Path, await pg.CreateDatabaseAsync("tool", "CREATE TABLE a (id int);")));
    }

    [Fact]
    public async Task Repeatable_script_is_pending_again_after_its_placeholder_value_changes()
    {
        using var folder = new TempFolder();
        Write(folder.Path, "sql/R__v.sql", "CREATE OR REPLACE VIEW v AS SELECT '${Greeting}' AS g;\n");
        var sum = FlywayChecksum.Of("CREATE OR REPLACE VIEW v AS SELECT 'hi' AS g;\n"u8.ToArray());
        var target = await pg.CreateDatabaseAsync("tool", $"{FlywayTable} (1, NULL, 'R__v.sql', 'SQL', {sum});");
        foreach (var (value, state) in new[] { ("hi", "Applied"), ("ho", "Pending") })
        {
            Write(folder.Path, "flyway.conf", $"flyway.placeholders.greeting={value}\n");
            Assert.Equal($"R__v.sql:{state}", await StatesAsync(folder.Path, target));
        }
    }

    [Fact]
    public async Task Safety_check_includes_Flyway_callbacks_and_placeholder_values_in_the_configured_schema()
    {
        using var folder = new TempFolder();
        var target = await pg.CreateDatabaseAsync("tool", "CREATE SCHEMA app; CREATE TABLE app.one (id int); CREATE TABLE app.two (id int); INSERT INTO app.one VALUES (1); INSERT INTO app.two VALUES (1);");
        using var shop = Shop.At(target);
        Write(folder.Path, "flyway.toml", "[environments.default]\nschemas = ['app']\n[flyway]\nplaceholders = { gone = 'one' }\n");
        Write(folder.Path, "sql/V1__x.sql", "DROP TABLE ${gone};\n");
        Write(folder.Path, "sql/afterMigrate.sql", "DROP TABLE two;\n");

        var failure = await shop.FailsAsync(new SafeMigrationRequest(folder.Path, target) { Command = MigrationCommand.Parse(["flyway migrate"]) }, "DBS403");

        Assert.Contains("V1__x.sql", failure.Message, StringComparison.Ordinal);
        Assert.Contains("drop-table:one", failure.Hint, StringComparison.Ordinal);
        Assert.Contains("drop-table:two", failure.Hint, StringComparison.Ordinal);
        Assert.Contains(shop.Events.Text.Split('\n'), t => t.Contains("sql/afterMigrate.sql", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Non_SQL_operations_of_a_Prisma_8_migration_are_reported()
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "Prisma 8 with an operation that is not SQL").WriteTo(folder.Path);
        var target = await pg.CreateDatabaseAsync("tool");
        using var shop = Shop.At(target);
        await new AnalyseMigrations().RunAsync(new MigrationTestRequest(folder.Path, target), shop.Events, CancellationToken.None);
        Assert.Contains(shop.Events.Text.Split('\n'), t => t.Contains("call (fill) is not SQL", StringComparison.Ordinal));

        var refused = await shop.FailsAsync(new SafeMigrationRequest(folder.Path, target), "DBS471");

        Assert.Contains("npx prisma db migrate", refused.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("db/migrations/20240101_a.sql", "-- migrate:up\nCREATE TABLE a (id int);\n", "db/migrations", "")]
    [InlineData("services/go/db/migrations/20240101_a.sql", "-- migrate:up\nCREATE TABLE a (id int);\n", "services/go", "services/go")]
    public async Task Command_runs_in_the_project_folder_and_the_result_contains_that_folder(string file, string text, string named, string from)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, ".git"));
        if (from.Length > 0)
            Write(folder.Path, "package.json", "{}");
        Write(folder.Path, file, text);
        var target = await pg.CreateDatabaseAsync("tool");
        using var shop = Shop.At(target);
        var expected = Path.Combine(folder.Path, from).TrimEnd('/');

        var failure = await shop.FailsAsync(new SafeMigrationRequest(Path.Combine(folder.Path, named), target) { SkipBackup = true, SkipRehearsal = true, Command = MigrationCommand.Parse(["sh", "-c", "pwd; exit 3"]) }, "DBS417");

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Equal(expected, shop.Events.All.OfType<SafeMigrationFailedEvent>().Single().Run.CommandFolder);
    }

    [Fact]
    public async Task Configuration_file_is_selected_as_in_drizzle_kit()
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "Drizzle with a second configuration").WriteTo(folder.Path);
        foreach (var (config, output) in new[] { ("drizzle.config.ts", "./one"), ("drizzle-dev.config.ts", "./dev") })
            Write(folder.Path, config, $"export default {{ dialect: 'postgresql', out: '{output}', dbCredentials: {{ url: process.env.DATABASE_URL }} }}");
        var target = await pg.CreateDatabaseAsync("tool");
        Assert.Equal("0000_a:Pending 0001_b:Pending", await StatesAsync(folder.Path, target));

        var reported = await (await DrizzleTools.OldAsync()).KitAsync(folder.Path, target, "migrate");

        Assert.True(reported.EndsWith("exit code 0", StringComparison.Ordinal), reported);
        Assert.Equal("0000_a:Applied 0001_b:Applied", await StatesAsync(folder.Path, target));
    }

    [Fact]
    public async Task Migration_folder_of_Prisma_is_read_from_its_configuration()
    {
        using var folder = new TempFolder();
        Write(folder.Path, "db/changes/20240101_a/migration.sql", MigrationLayouts.A);
        Write(folder.Path, "migrations/20230101_old/migration.sql", "CREATE TABLE old (id int);");
        await PrismaCli.PrepareAsync(folder.Path);
        var config = Path.Combine(folder.Path, "prisma.config.ts");
        await File.WriteAllTextAsync(config, (await File.ReadAllTextAsync(config)).Replace("schema: 'schema.prisma',", "schema: 'schema.prisma', migrations: { path: 'db/changes' },", StringComparison.Ordinal));
        var target = await pg.CreateDatabaseAsync("tool");
        Assert.Equal("20240101_a:Pending", await StatesAsync(folder.Path, target));

        var reported = await PrismaCli.RunAsync(folder.Path, target, "migrate", "deploy");

        Assert.True(reported.EndsWith("exit code 0", StringComparison.Ordinal), reported);
        Assert.Equal("20240101_a:Applied", await StatesAsync(folder.Path, target));
    }

    [Fact]
    public async Task Safety_check_analyses_the_pending_migrations_of_the_command_of_another_tool()
    {
        using var folder = new TempFolder();
        var target = await pg.CreateDatabaseAsync("tool", "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1);");
        using var shop = Shop.At(target);
        Write(folder.Path, "db/migrations/1_x.sql", "-- migrate:up\nDROP TABLE kept;\n-- migrate:down\nCREATE TABLE kept (id int);\n");

        var failure = await shop.FailsAsync(new SafeMigrationRequest(folder.Path, target) { Command = MigrationCommand.Parse(["dbmate up"]) }, "DBS403");

        Assert.Contains("kept", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_of_another_tool_is_rehearsed_on_a_copy_and_then_runs_on_the_database()
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
        string.Join(' ', (await new GetMigrations().RunAsync(new MigrationListRequest(folder, target), new RecordedEvents(), CancellationToken.None)).Select(m => $"{m.Name}:{m.State}{(m.State == MigrationState.Applied && m.Note is not null ? "?" : "")}"));
}
