using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Databases with a schema for each tenant: the schema that the connection uses decides whose history counts.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class TenantSchemaTests(PgServer pg)
{
    private const string Golang = "CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE TABLE t1.schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO t1.schema_migrations VALUES (1, false);";

    private const string PrismaTable = "id varchar(36), checksum varchar(64), finished_at timestamptz, migration_name varchar(255), logs text, rolled_back_at timestamptz, started_at timestamptz DEFAULT now(), applied_steps_count int DEFAULT 0";

    [Fact]
    public async Task A_migration_that_dbmate_applied_in_a_tenant_schema_is_pending_in_another_and_runs_there()
    {
        using var folder = new TempFolder();
        var database = await pg.CreateDatabaseAsync("tenants", "CREATE SCHEMA t1; CREATE SCHEMA t2;");
        var (one, two) = (At(database, "t1"), At(database, "t2"));
        using var shop = Shop.At(two);
        Write(folder.Path, "db/migrations/1_a.sql", "-- migrate:up\nCREATE TABLE a (id int);\n-- migrate:down\nDROP TABLE a;\n");
        var tool = await RealTool.InstallAsync("dbmate", folder.Path);
        await tool.UpAsync(folder.Path, one);

        Assert.Contains("[ ] 1_a.sql", (await tool.RunAsync(folder.Path, two, "status")).Output, StringComparison.Ordinal);
        Assert.Equal("1_a.sql:Pending", await StatesAsync(folder.Path, two, shop.Events));
        Assert.Contains("t1.schema_migrations", shop.Events.Text, StringComparison.Ordinal);
        var run = await shop.RunAsync(new SafeMigrationRequest(folder.Path, two) { SkipBackup = true, SkipRehearsal = true, Command = MigrationCommand.Parse([tool.Command]) });

        Assert.Equal("1_a.sql", Assert.Single(run.Applied));
        Assert.True(await PgServer.ScalarAsync<bool>(database, "SELECT to_regclass('t2.a') IS NOT NULL"));
        // With both migrated, each has its own.
        Assert.Equal("1_a.sql:Applied", await StatesAsync(folder.Path, one));
        Assert.Equal("1_a.sql:Applied", await StatesAsync(folder.Path, two));
    }

    [Theory]
    [InlineData("-c search_path=t1", "", "1_a.up.sql:Applied 10_b.up.sql:Pending", false)]
    [InlineData("-c search_path=t2", "", "1_a.up.sql:Pending 10_b.up.sql:Pending", true)]
    [InlineData("-c search_path=t2,t1", "", "1_a.up.sql:Pending 10_b.up.sql:Pending", true)]
    [InlineData("-c search_path=missing,t1", "", "1_a.up.sql:Pending 10_b.up.sql:Pending", true)]
    [InlineData(null, "ALTER DATABASE {0} SET search_path = t1", "1_a.up.sql:Applied 10_b.up.sql:Pending", false)]
    [InlineData(null, "ALTER ROLE CURRENT_USER IN DATABASE {0} SET search_path = \"$user\", t1", "1_a.up.sql:Applied 10_b.up.sql:Pending", false)]
    [InlineData(null, "", "1_a.up.sql:Pending 10_b.up.sql:Pending", true)]
    [InlineData(null, "CREATE TABLE t2.schema_migrations AS TABLE t1.schema_migrations", "1_a.up.sql:Pending 10_b.up.sql:Pending", true)]
    [InlineData("-c search_path=t1", "CREATE TABLE t2.schema_migrations AS TABLE t1.schema_migrations", "1_a.up.sql:Applied 10_b.up.sql:Pending", false)]
    public async Task The_schema_that_the_server_resolves_selects_the_migration_history(string? options, string more, string states, bool isReported)
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "golang-migrate").WriteTo(folder.Path);
        var database = await pg.CreateDatabaseAsync("tenants", Golang);
        if (more.Length > 0)
            await PgServer.ExecuteAsync(database, string.Format(System.Globalization.CultureInfo.InvariantCulture, more, SqlName.Quote(database.Database)));
        var events = new RecordedEvents();

        Assert.Equal(states, await StatesAsync(folder.Path, database with { Options = options }, events));

        Assert.Equal(isReported, events.Text.Contains("t1.schema_migrations", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_without_a_schema_is_refused_if_only_another_schema_has_the_history()
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "golang-migrate").WriteTo(folder.Path);
        using var shop = Shop.At(await pg.CreateDatabaseAsync("tenants", Golang));
        var request = new SafeMigrationRequest(folder.Path, shop.Target) { SkipBackup = true, SkipRehearsal = true, Command = MigrationCommand.Parse(["psql -c 'INSERT INTO schema_migrations VALUES (10, false)'"]) };

        var failure = await shop.FailsAsync(request, "DBS486");

        Assert.Contains("?search_path=t1", failure.Hint, StringComparison.Ordinal);
        Assert.Contains("?search_path=public", failure.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("--baseline", failure.Hint, StringComparison.Ordinal);
        var answered = await shop.RunAsync(request with { Target = At(shop.Target, "public"), Command = MigrationCommand.Parse(["psql -c 'CREATE TABLE schema_migrations (version bigint, dirty boolean); INSERT INTO schema_migrations VALUES (10, false)'"]) });
        Assert.Equal(["1_a.up.sql", "10_b.up.sql"], answered.Applied);
    }

    [Fact]
    public async Task A_baseline_is_not_offered_for_tables_if_the_history_of_another_tool_is_empty()
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "golang-migrate").WriteTo(folder.Path);
        using var shop = await Shop.OpenAsync(pg, "CREATE SCHEMA t2; CREATE TABLE t2.x (id int)");

        await Assert.ThrowsAsync<DbSafetyException>(() => shop.RunAsync(new SafeMigrationRequest(folder.Path, At(shop.Target, "t2")) { SkipBackup = true, SkipRehearsal = true, Command = MigrationCommand.Parse(["false"]) }));

        Assert.Contains("schema t2 already has 1 tables", shop.Events.Text, StringComparison.Ordinal);
        Assert.Contains("with golang-migrate itself", shop.Events.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("--baseline", shop.Events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task node_pg_migrate_uses_schema_public_regardless_of_a_history_in_another_schema()
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "node-pg-migrate").WriteTo(folder.Path);
        var tool = await RealTool.InstallAsync("node-pg-migrate", folder.Path);
        var target = await pg.CreateDatabaseAsync("tenants", "CREATE SCHEMA t1; CREATE TABLE t1.pgmigrations (id serial, name varchar(255), run_on timestamp); INSERT INTO t1.pgmigrations (name, run_on) VALUES ('1704067200000_a', now());");
        var events = new RecordedEvents();

        Assert.Equal("1704067200000_a.sql:Pending 1704067300000_b.sql:Pending", await StatesAsync(folder.Path, target, events));

        Assert.Contains("t1.pgmigrations", events.Text, StringComparison.Ordinal);
        Assert.Contains("1704067200000_a", (await tool.RunAsync(folder.Path, target, "up", "--dry-run")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_Prisma_schema_selects_the_history_and_a_history_in_another_schema_does_not_offer_a_baseline()
    {
        var database = await pg.CreateDatabaseAsync("tenants", $"CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE TABLE t1._prisma_migrations ({PrismaTable}); INSERT INTO t1._prisma_migrations (id, checksum, finished_at, migration_name) VALUES ('1', '', now(), '20240101_a');");
        using var shop = Shop.At(database).WithPrisma("20240101_a", "CREATE TABLE a (id int);");

        var failure = await shop.FailsAsync(shop.Quick(), "DBS486");
        Assert.Contains("?schema=t1", failure.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("--baseline", failure.Hint, StringComparison.Ordinal);

        var two = database with { Schema = "t2" };
        await PrismaCli.PrepareAsync(shop.Root);
        var run = await shop.RunAsync(shop.Quick() with { Target = two });
        Assert.Contains("up to date", await PrismaCli.RunAsync(shop.Root, two, "migrate", "status"), StringComparison.Ordinal);
        Assert.Equal("20240101_a", Assert.Single(run.Applied));
        Assert.True(await PgServer.ScalarAsync<bool>(database, "SELECT to_regclass('t2.a') IS NOT NULL AND to_regclass('t2._prisma_migrations') IS NOT NULL"));
        Assert.Contains("t1._prisma_migrations", shop.Events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_SQL_files_run_in_the_specified_schema_although_another_schema_has_history_and_tables()
    {
        var database = await pg.CreateDatabaseAsync("tenants", "CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE TABLE a (id int); CREATE TABLE t1.schema_migrations (version varchar PRIMARY KEY); INSERT INTO t1.schema_migrations VALUES ('001');");
        using var shop = Shop.At(database).With("001_a.sql", "CREATE TABLE a (id int);");

        var failure = await shop.FailsAsync(shop.Quick(), "DBS486");
        Assert.DoesNotContain("--baseline", failure.Hint, StringComparison.Ordinal);
        Assert.Contains("--baseline", (await shop.FailsAsync(shop.Quick() with { Target = At(database, "t1") }, "DBS470")).Hint, StringComparison.Ordinal);

        Assert.Equal("001_a.sql", Assert.Single((await shop.RunAsync(shop.Quick() with { Target = At(database, "t2") })).Applied));
        Assert.True(await PgServer.ScalarAsync<bool>(database, "SELECT to_regclass('t2.a') IS NOT NULL"));
    }

    [Fact]
    public async Task A_schema_without_tables_reports_that_plain_SQL_files_are_recorded_for_all_schemas()
    {
        var database = await pg.CreateDatabaseAsync("tenants", "CREATE SCHEMA t1; CREATE SCHEMA t2;");
        using var shop = Shop.At(database).With("001_a.sql", "CREATE TABLE a (id int);");
        await shop.RunAsync(shop.Quick() with { Target = At(database, "t1") });
        Assert.DoesNotContain("not for each schema", shop.Events.Text, StringComparison.Ordinal);

        Assert.Equal(SafeMigrationOutcome.NothingToDo, (await shop.RunAsync(shop.Quick() with { Target = At(database, "t2") })).Outcome);

        Assert.Contains("dbsafety.migrations records files for the entire database, not for each schema", shop.Events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_that_another_session_has_locked_does_not_block_the_list()
    {
        using var folder = new TempFolder();
        MigrationLayouts.All.Single(l => l.Name == "golang-migrate").WriteTo(folder.Path);
        var database = await pg.CreateDatabaseAsync("tenants", Golang);
        await using var other = await database.OpenAsync(CancellationToken.None);
        await using var transaction = await other.BeginTransactionAsync();
        await other.ExecuteAsync("LOCK TABLE t1.schema_migrations IN ACCESS EXCLUSIVE MODE", CancellationToken.None);

        Assert.Equal("1_a.up.sql:Pending 10_b.up.sql:Pending", await StatesAsync(folder.Path, At(database, "t2")));
    }

    private static DatabaseTarget At(DatabaseTarget database, string schema) => database with { Options = $"-c search_path={schema}" };

    private static void Write(string folder, string file, string text)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static async Task<string> StatesAsync(string folder, DatabaseTarget target, RecordedEvents? events = null) =>
        string.Join(' ', (await new GetMigrations().RunAsync(new MigrationListRequest(folder, target), events ?? new RecordedEvents(), CancellationToken.None)).Select(m => $"{m.Name}:{m.State}"));
}
