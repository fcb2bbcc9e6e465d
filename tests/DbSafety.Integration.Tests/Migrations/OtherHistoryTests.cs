using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>A folder of SQL files on a database in which another tool has recorded what it applied.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class OtherHistoryTests(PgServer pg)
{
    private const string Accounts = "CREATE TABLE accounts (id int PRIMARY KEY, balance int); INSERT INTO accounts VALUES (1, 100);";

    /// <summary>Each says that three of four are applied.</summary>
    public static TheoryData<string, string> Histories { get; } = new()
    {
        { "golang-migrate", "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (3, false);" },
        { "dbmate or Rails", "CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations VALUES ('001'), ('002'), ('003');" },
        { "Supabase", "CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text); INSERT INTO supabase_migrations.schema_migrations VALUES ('001'), ('002'), ('003');" },
        { "goose", "CREATE TABLE goose_db_version (id serial, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp DEFAULT now()); INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (2, true), (3, true), (4, true), (4, false);" },
        { "sql-migrate", "CREATE TABLE gorp_migrations (id text PRIMARY KEY, applied_at timestamptz); INSERT INTO gorp_migrations VALUES ('001_a.sql', now()), ('002_b.sql', now()), ('003_c.sql', now());" },
        { "sqlx", "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text, installed_on timestamptz DEFAULT now(), success boolean, checksum bytea, execution_time bigint); INSERT INTO _sqlx_migrations (version, success) VALUES (1, true), (2, true), (3, true);" },
        { "Flyway", Flyway("(1, '1', 'a', 'BASELINE', '<< Flyway Baseline >>'), (2, '2', 'b', 'SQL', 'V2__b.sql'), (3, '003', 'c', 'SQL', 'V003__c.sql'), (4, '4', 'd', 'SQL', 'V4__d.sql'), (5, '4', 'd', 'UNDO_SQL', 'U4__d.sql')") },
        { "tern", "CREATE TABLE schema_version (version int4 NOT NULL); INSERT INTO schema_version VALUES (3);" },
        { "node-pg-migrate", "CREATE TABLE pgmigrations (id serial, name varchar, run_on timestamp); INSERT INTO pgmigrations (name, run_on) VALUES ('001_a', now()), ('002_b', now()), ('003_c', now());" },
        { "db-migrate", "CREATE TABLE migrations (id serial, name varchar, run_on timestamp); INSERT INTO migrations (name, run_on) VALUES ('/001_a', now()), ('/002_b', now()), ('/003_c', now());" },
        { "graphile-migrate", "CREATE SCHEMA graphile_migrate; CREATE TABLE graphile_migrate.migrations (hash text, previous_hash text, filename text, date timestamptz DEFAULT now()); INSERT INTO graphile_migrate.migrations VALUES ('1', NULL, '001.sql'), ('2', '1', '002.sql'), ('3', '2', '003.sql');" },
        { "Diesel", "CREATE TABLE __diesel_schema_migrations (version varchar PRIMARY KEY, run_on timestamp DEFAULT now()); INSERT INTO __diesel_schema_migrations VALUES ('001'), ('002'), ('003');" },
        { "Hasura", "CREATE SCHEMA hdb_catalog; CREATE TABLE hdb_catalog.hdb_version (hasura_uuid int, cli_state jsonb); INSERT INTO hdb_catalog.hdb_version VALUES (1, '{\"migrations\": {\"default\": {\"1\": false, \"2\": false, \"3\": false}}}');" },
        { "sqitch", "CREATE SCHEMA sqitch; CREATE TABLE sqitch.changes (change_id text, script_hash text, change text, project text, committed_at timestamptz DEFAULT now()); INSERT INTO sqitch.changes VALUES ('1', '', '001_a', 'p'), ('2', '', '002_b', 'p'), ('3', '', '003_c', 'p');" },
        { "Atlas", "CREATE SCHEMA atlas_schema_revisions; CREATE TABLE atlas_schema_revisions.atlas_schema_revisions (version varchar, type bigint, applied bigint, total bigint, executed_at timestamptz DEFAULT now()); INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES ('.atlas_cloud', 2, 0, 0), ('001', 2, 1, 1), ('002', 2, 1, 1), ('003', 2, 1, 1);" },
        { "Sequelize", "CREATE TABLE \"SequelizeMeta\" (name varchar PRIMARY KEY); INSERT INTO \"SequelizeMeta\" VALUES ('001_a.js'), ('002_b.js'), ('003_c.js');" },
        { "Knex", "CREATE TABLE knex_migrations (id serial, name varchar, batch int, migration_time timestamptz); INSERT INTO knex_migrations (name) VALUES ('001_a.sql'), ('002_b.sql'), ('003_c.sql');" },
        { "golang-migrate", "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (4, true);" },
        { "postgres-migrations", "CREATE TABLE migrations (id int, name varchar, hash varchar, executed_at timestamp); INSERT INTO migrations VALUES (0, 'create'), (1, 'a'), (2, 'b'), (3, 'c');" },
        { "DbUp", "CREATE TABLE schemaversions (schemaversionsid serial, scriptname varchar, applied timestamp); INSERT INTO schemaversions (scriptname) VALUES ('Shop.Scripts.001_a.sql'), ('Shop.Scripts.002_b.sql'), ('Shop.Scripts.003_c.sql');" },
        { "MyBatis Migrations", "CREATE TABLE changelog (id numeric, applied_at varchar, description varchar); INSERT INTO changelog VALUES (1), (2), (3);" },
        { "dbmate or Rails", "CREATE TABLE schema_migrations (version varchar PRIMARY KEY, applied_at timestamptz DEFAULT now()); INSERT INTO schema_migrations VALUES ('001'), ('002'), ('003');" },
        { "golang-migrate", "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL, applied_at timestamptz DEFAULT now()); INSERT INTO schema_migrations VALUES (3, false);" },
        { "dbmate or Rails", "CREATE SCHEMA old; CREATE TABLE old.v (version varchar); INSERT INTO old.v VALUES ('001'), ('002'), ('003'); CREATE VIEW schema_migrations AS SELECT version FROM old.v;" },
        { "Migratus", "CREATE TABLE schema_migrations (id bigint, applied timestamp, description text); INSERT INTO schema_migrations VALUES (1), (2), (3);" },
        { "pgmigrate", "CREATE TABLE schema_version (version bigint, description text, type text, installed_by text, installed_on timestamp); INSERT INTO schema_version VALUES (1), (2), (3);" },
        { "Marv", "CREATE TABLE migrations (level int, comment text, timestamp timestamp, checksum text, namespace text); INSERT INTO migrations VALUES (1), (2), (3);" },
        { "FluentMigrator", "CREATE TABLE \"VersionInfo\" (\"Version\" bigint, \"AppliedOn\" timestamp, \"Description\" text); INSERT INTO \"VersionInfo\" VALUES (1), (2), (3);" },
        { "Gormigrate", "CREATE TABLE migrations (id varchar PRIMARY KEY); INSERT INTO migrations VALUES ('001_a'), ('002_b'), ('003_c');" },
        { "Umzug", "CREATE TABLE migrations (name varchar PRIMARY KEY); INSERT INTO migrations VALUES ('001_a.sql'), ('002_b.sql'), ('003_c.sql');" },
        { "Knex", "CREATE TABLE done (id serial, name varchar(255), batch int, migration_time timestamptz); INSERT INTO done (name) VALUES ('001_a.sql'), ('002_b.sql'), ('003_c.sql');" },
        { "golang-migrate", "CREATE TABLE done (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO done VALUES (3, false);" },
        { "Flyway", "CREATE TABLE done (installed_rank int, version varchar, description varchar, type varchar, script varchar, checksum int, installed_by varchar, installed_on timestamp DEFAULT now(), execution_time int, success boolean); INSERT INTO done (installed_rank, version, type, script, success) VALUES (1, '1', 'SQL', 'x', true), (2, '2', 'SQL', 'y', true), (3, '3', 'SQL', 'z', true);" },
        { "dbmate", "CREATE TABLE done (version varchar(128) PRIMARY KEY); INSERT INTO done VALUES ('001'), ('002'), ('003');" },
        { "Drizzle", "CREATE TABLE done (id serial, hash text, created_at bigint); INSERT INTO done (hash) SELECT encode(sha256(convert_to(s, 'UTF8')), 'hex') FROM unnest(ARRAY['UPDATE accounts SET balance = balance * 100 WHERE id = 1;', 'INSERT INTO accounts VALUES (2, 1);', 'DELETE FROM accounts WHERE id = 2;']) s;" },
        { "Prisma", "CREATE TABLE _prisma_migrations (id text, checksum text, finished_at timestamptz, migration_name text, logs text, rolled_back_at timestamptz, started_at timestamptz DEFAULT now()); INSERT INTO _prisma_migrations (migration_name, finished_at) VALUES ('001_a', now()), ('002_b', now()), ('003_c', now());" },
    };

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task Files_applied_by_another_tool_do_not_run_again(string tool, string history)
    {
        using var shop = await FolderAsync(history);

        var failure = await shop.FailsAsync(shop.Quick() with { Allow = ["delete-rows:accounts"] }, "DBS470");

        Assert.Contains(tool, failure.Message, StringComparison.Ordinal);
        if (!history.Contains("(4, true)", StringComparison.Ordinal))
            Assert.EndsWith(" 001_a.sql, 002_b.sql, 003_c.sql", failure.Message, StringComparison.Ordinal);
        Assert.Contains("--baseline \"003_c.sql\"", failure.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("--allow", failure.Message + failure.Hint, StringComparison.Ordinal);
        Assert.Equal(100, await PgServer.ScalarAsync<int>(shop.Target, "SELECT balance FROM accounts"));
        Assert.Contains("has another tool's migration history", (await ListAsync(shop)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Suggested_baseline_runs_only_files_that_the_other_tool_has_not_applied()
    {
        using var shop = await FolderAsync("CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations VALUES ('001'), ('002'), ('003');");
        await new ResolveMigration().RunAsync(new MigrationResolveRequest(shop.Migrations, shop.Target, "003_c.sql", MigrationResolution.Baseline), shop.Events, CancellationToken.None);

        var run = await shop.RunAsync(shop.Quick());

        Assert.Equal("004_d.sql", Assert.Single(run.Applied));
        Assert.Equal((100, true), (await PgServer.ScalarAsync<int>(shop.Target, "SELECT balance FROM accounts"), await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('d') IS NOT NULL")));
    }

    [Fact]
    public async Task Files_applied_by_another_tool_are_rejected_when_the_DbSafety_history_has_rows()
    {
        using var shop = await FolderAsync("CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations VALUES ('001'), ('002'), ('003');");
        await new ResolveMigration().RunAsync(new MigrationResolveRequest(shop.Migrations, shop.Target, "001_a.sql", MigrationResolution.Applied), shop.Events, CancellationToken.None);

        await shop.FailsAsync(shop.Quick() with { AllowAll = true }, "DBS470");

        Assert.Equal(1, await shop.CountAsync("accounts"));
    }

    [Fact]
    public async Task Migration_history_of_another_project_is_rejected_unless_source_sql_is_specified()
    {
        using var shop = await FolderAsync("CREATE TABLE flyway_other (id int); CREATE TABLE django_migrations (id serial, app text, name text, applied timestamptz); INSERT INTO django_migrations (app, name, applied) VALUES ('auth', '0001_initial', now());");

        var failure = await shop.FailsAsync(shop.Quick(), "DBS470");

        Assert.Contains("none of the 4 files", failure.Message, StringComparison.Ordinal);
        Assert.Equal(4, (await shop.RunAsync(shop.Quick() with { AllowAll = true, Source = MigrationSource.Sql })).Applied.Count);
    }

    [Theory]
    [InlineData("CREATE TABLE schema_migrations (version varchar PRIMARY KEY);")]
    [InlineData("CREATE TABLE jobs (id serial, name text, run_on timestamp); INSERT INTO jobs (name) VALUES ('nightly'); CREATE TABLE tags (name text); INSERT INTO tags VALUES ('new'); CREATE TABLE odd (id int, name text, batch int, migration_time date); INSERT INTO odd VALUES (1, 'x.sql', 1, now());")]
    [InlineData("CREATE TABLE other (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO other VALUES (20240101, false);")]
    [InlineData("CREATE TABLE migrations (id int, said text); INSERT INTO migrations VALUES (1, 'x');")]
    [InlineData("DO $$ BEGIN CREATE ROLE supabase_auth_admin; EXCEPTION WHEN duplicate_object THEN END $$; CREATE SCHEMA auth AUTHORIZATION supabase_auth_admin; CREATE TABLE auth.schema_migrations (version varchar PRIMARY KEY); INSERT INTO auth.schema_migrations VALUES ('001');")]
    public async Task Empty_or_unrelated_table_does_not_stop_a_run(string table)
    {
        using var shop = await FolderAsync(table);
        Assert.Equal(4, (await shop.RunAsync(shop.Quick() with { AllowAll = true })).Applied.Count);
    }

    [Fact]
    public async Task Table_with_the_name_of_a_migration_history_and_unknown_columns_is_rejected_without_a_suggested_baseline()
    {
        using var shop = await FolderAsync("CREATE TABLE goose_db_version (version bigint, note text); INSERT INTO goose_db_version VALUES (3, 'x');");

        var failure = await shop.FailsAsync(shop.Quick() with { AllowAll = true }, "DBS470");

        Assert.Contains("the meaning of its rows is unknown", failure.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("--baseline", failure.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE TABLE flyway_schema_history (installed_rank int, version varchar, description varchar, type varchar, script varchar, checksum int, installed_on timestamp DEFAULT now(), success boolean); INSERT INTO flyway_schema_history (installed_rank, version, type, script, success) VALUES (1, '1', 'SQL', 'V1__init.sql', true), (2, '2', 'SQL', 'V2__more.sql', true);")]
    [InlineData("CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (7, false);")]
    public async Task Files_that_share_only_their_numbers_with_a_migration_history_can_run_after_renumbering(string history)
    {
        using var shop = Shop.At(await pg.CreateDatabaseAsync("shop", history));
        shop.With("001_a.sql", "CREATE TABLE a (id int);").With("002_b.sql", "CREATE TABLE b (id int);");

        foreach (var source in new MigrationSource?[] { null, MigrationSource.Sql })
        {
            var failure = await shop.FailsAsync(shop.Quick() with { Source = source }, "DBS470");
            Assert.Contains("the numbers of 001_a.sql, 002_b.sql", failure.Message, StringComparison.Ordinal);
            Assert.Contains("If none of the files has been applied, use numbers that the history does not have", failure.Hint, StringComparison.Ordinal);
        }

        File.Move(Path.Combine(shop.Migrations, "001_a.sql"), Path.Combine(shop.Migrations, "20240131_a.sql"));
        File.Move(Path.Combine(shop.Migrations, "002_b.sql"), Path.Combine(shop.Migrations, "20240201_b.sql"));
        Assert.Equal(["20240131_a.sql", "20240201_b.sql"], (await shop.RunAsync(shop.Quick() with { Source = MigrationSource.Sql })).Applied);
    }

    [Fact]
    public async Task File_that_may_not_be_a_migration_is_rejected_before_it_runs()
    {
        using var shop = await FolderAsync("SELECT 1;");
        shop.With("001_a_zurueck.sql", "DROP TABLE accounts;");

        var failure = await shop.FailsAsync(shop.Quick() with { AllowAll = true }, "DBS480");

        Assert.Contains("same number", failure.Message, StringComparison.Ordinal);
        foreach (var name in new[] { "001_a.sql", "001_a_zurueck.sql" })
            await new ResolveMigration().RunAsync(new MigrationResolveRequest(shop.Migrations, shop.Target, name, MigrationResolution.Applied), shop.Events, CancellationToken.None);
        Assert.Equal(["002_b.sql", "003_c.sql", "004_d.sql"], (await shop.RunAsync(shop.Quick() with { AllowAll = true })).Applied);
    }

    [Fact]
    public async Task Baseline_at_an_unordered_file_is_rejected_and_files_of_another_project_are_reported()
    {
        using var shop = await FolderAsync("SELECT 1;");
        shop.With("seed.sql", "SELECT 1;");
        var refused = await Assert.ThrowsAsync<DbSafetyException>(() => new ResolveMigration().RunAsync(new MigrationResolveRequest(shop.Migrations, shop.Target, "seed.sql", MigrationResolution.Baseline), shop.Events, CancellationToken.None));
        Assert.Equal("DBS413", refused.Code);

        await new ResolveMigration().RunAsync(new MigrationResolveRequest(shop.Migrations, shop.Target, "004_d.sql", MigrationResolution.Baseline), shop.Events, CancellationToken.None);
        File.Delete(Path.Combine(shop.Migrations, "004_d.sql"));
        Assert.Contains("another project", (await shop.FailsAsync(shop.Quick(), "DBS402")).Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migration_history_that_lists_the_files_determines_pending_migrations_of_a_command()
    {
        using var shop = await FolderAsync("CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations VALUES ('001'), ('002'), ('003');");
        var command = new MigrationCommand(["psql", "-c", "CREATE TABLE d (id int)", "-c", "INSERT INTO schema_migrations VALUES ('004')"]);

        var run = await shop.RunAsync(shop.Quick() with { Command = command });

        Assert.Equal((SafeMigrationOutcome.Applied, "004_d.sql"), (run.Outcome, Assert.Single(run.Applied)));
        Assert.Equal(SafeMigrationOutcome.NothingToDo, (await shop.RunAsync(shop.Quick() with { Command = command })).Outcome);
    }

    [Fact]
    public async Task Migration_history_created_by_another_tool_during_the_rehearsal_is_detected()
    {
        using var shop = await FolderAsync("SELECT 1;");
        using var step = StepListener.At("migration run: rehearsed", () => PgServer.ExecuteAsync(shop.Target, "CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations VALUES ('001')"));

        await shop.FailsAsync(shop.Quick() with { AllowAll = true }, "DBS470");

        Assert.Equal(100, await PgServer.ScalarAsync<int>(shop.Target, "SELECT balance FROM accounts"));
    }

    [Fact]
    public async Task Files_in_the_format_of_another_tool_run_only_with_source_sql()
    {
        using var shop = Shop.At(await pg.CreateDatabaseAsync("shop"));
        shop.With("V1__a.sql", "CREATE TABLE a (id int);").With("U1__a.sql", "DROP TABLE a;").With("V2__b.sql", "CREATE TABLE b (id int);");

        var failure = await shop.FailsAsync(shop.Quick(), "DBS471");

        Assert.Contains("--source sql", failure.Hint, StringComparison.Ordinal);
        Assert.Equal(["V1__a.sql", "V2__b.sql"], (await shop.RunAsync(shop.Quick() with { Source = MigrationSource.Sql })).Applied);
        Assert.Equal(SafeMigrationOutcome.NothingToDo, (await shop.RunAsync(shop.Quick() with { Source = MigrationSource.Sql })).Outcome);
    }

    private static string Flyway(string rows) =>
        $"CREATE TABLE flyway_schema_history (installed_rank int, version varchar, description varchar, type varchar, script varchar, checksum int, installed_by varchar DEFAULT 'x', installed_on timestamp DEFAULT now(), execution_time int DEFAULT 1, success boolean DEFAULT true); INSERT INTO flyway_schema_history (installed_rank, version, description, type, script) VALUES {rows};";

    private static async Task<RecordedEvents> ListAsync(Shop shop)
    {
        var events = new RecordedEvents();
        await new GetMigrations().RunAsync(new MigrationListRequest(shop.Migrations, shop.Target), events, CancellationToken.None);
        return events;
    }

    private async Task<Shop> FolderAsync(string history)
    {
        var shop = await Shop.OpenAsync(pg, Accounts + history);
        return shop.With("001_a.sql", "UPDATE accounts SET balance = balance * 100 WHERE id = 1;").With("002_b.sql", "INSERT INTO accounts VALUES (2, 1);")
            .With("003_c.sql", "DELETE FROM accounts WHERE id = 2;").With("004_d.sql", "CREATE TABLE d (id int);");
    }
}
