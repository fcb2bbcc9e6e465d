using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Both tools on one history: what one has done, the other takes for done.</summary>
[Collection(ScriptServerGroup.Name)]
public sealed class PrismaTests(PgServer pg)
{
    private const string Init = "-- CreateTable\nCREATE TABLE \"Item\" (\"id\" INTEGER NOT NULL, CONSTRAINT \"Item_pkey\" PRIMARY KEY (\"id\"));\n";

    [Theory]
    [InlineData(null)]
    [InlineData("app")]
    public async Task Prisma_reports_the_schema_as_up_to_date_after_a_DbSafety_run(string? schema)
    {
        using var shop = await PrismaShopAsync();
        var target = shop.Target with { Schema = schema };

        var run = await shop.RunAsync(shop.Quick() with { Target = target });
        var status = await PrismaCli.RunAsync(shop.Root, target, "migrate", "status");

        Assert.Equal(["20240101000000_init", "20240102000000_more"], run.Applied);
        Assert.Contains("Database schema is up to date!", status, StringComparison.Ordinal);
        Assert.True(await PgServer.ScalarAsync<bool>(shop.Target, $"SELECT to_regclass('{schema ?? "public"}.\"Item\"') IS NOT NULL"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("app")]
    public async Task DbSafety_reports_nothing_to_do_after_prisma_migrate_deploy(string? schema)
    {
        using var shop = await PrismaShopAsync();
        var target = shop.Target with { Schema = schema };
        if (schema is not null)
            await PgServer.ExecuteAsync(shop.Target, $"CREATE SCHEMA {SqlName.Quote(schema)}");

        var deploy = await PrismaCli.RunAsync(shop.Root, target, "migrate", "deploy");
        Assert.Contains("All migrations have been successfully applied", deploy, StringComparison.Ordinal);

        var states = await new GetMigrations().RunAsync(new MigrationListRequest(shop.Root, target), shop.Events, CancellationToken.None);
        Assert.All(states, s => Assert.Equal(MigrationState.Applied, s.State));
        Assert.Equal(2, states.Count);
        Assert.Equal(SafeMigrationOutcome.NothingToDo, (await shop.RunAsync(shop.Quick() with { Target = target })).Outcome);
    }

    [Fact]
    public async Task Migrations_that_a_Prisma_squash_replaced_do_not_block_a_run()
    {
        using var shop = (await Shop.OpenAsync(pg, "SELECT 1")).WithPrisma("20240101000000_init", Init).WithPrisma("20240102000000_more", "ALTER TABLE \"Item\" ADD COLUMN \"name\" TEXT;\n");
        await PrismaCli.PrepareAsync(shop.Root);
        await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "deploy");
        foreach (var old in new[] { "20240101000000_init", "20240102000000_more" })
            Directory.Delete(Path.Combine(shop.Root, "migrations", old), recursive: true);
        shop.WithPrisma("000000000000_squashed", Init + "ALTER TABLE \"Item\" ADD COLUMN \"name\" TEXT;\n");
        await shop.FailsAsync(shop.Quick(), "DBS402");

        await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "resolve", "--applied", "000000000000_squashed");
        shop.WithPrisma("20240103000000_rest", "CREATE INDEX \"Item_name_idx\" ON \"Item\"(\"name\");\n");

        Assert.Equal(["20240103000000_rest"], (await shop.RunAsync(shop.Quick())).Applied);
        Assert.Contains("Database schema is up to date!", await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "status"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DbSafety_and_Prisma_can_apply_migrations_of_the_same_project_alternately(bool oursFirst)
    {
        using var shop = (await Shop.OpenAsync(pg, "SELECT 1")).WithPrisma("20240101000000_init", Init).WithPrisma("20240102000000_more", "ALTER TABLE \"Item\" ADD COLUMN \"name\" TEXT;\r\n");
        await PrismaCli.PrepareAsync(shop.Root);
        await (oursFirst ? OursAsync() : TheirsAsync());
        shop.WithPrisma("20240103000000_rest", "CREATE INDEX \"Item_name_idx\" ON \"Item\"(\"name\");\n").WithPrisma("20240104000000_end", "ALTER TABLE \"Item\" ADD COLUMN \"note\" TEXT;\n");
        await (oursFirst ? TheirsAsync() : OursAsync());
        // And once more, the other way about.
        shop.WithPrisma("20240105000000_last", "DROP INDEX \"Item_name_idx\";\n");
        await (oursFirst ? OursAsync() : TheirsAsync());

        Assert.Contains("Database schema is up to date!", await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "status"), StringComparison.Ordinal);
        Assert.Equal(SafeMigrationOutcome.NothingToDo, (await shop.RunAsync(shop.Quick())).Outcome);
        Assert.Equal(5, await shop.CountAsync("_prisma_migrations WHERE finished_at IS NOT NULL AND applied_steps_count = 1 AND logs IS NULL"));

        Task<SafeMigration> OursAsync() => shop.RunAsync(shop.Quick());

        async Task TheirsAsync() =>
            Assert.Contains("All migrations have been successfully applied", await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "deploy"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Projects_with_several_schemas_use_the_same_history_schema_as_Prisma(bool byUs)
    {
        using var shop = await Shop.OpenAsync(pg, "SELECT 1");
        await PrismaCli.PrepareAsync(shop.Root);
        await File.WriteAllTextAsync(Path.Combine(shop.Root, "schema.prisma"),
            """
            datasource db {
              provider = "postgresql"
              url      = env("DATABASE_URL")
              schemas  = ["public", "Sales Team"]
            }
            enum Mood {
              GOOD
              BAD
              @@schema("Sales Team")
            }
            model Person {
              id     Int     @id
              orders Order[]
              @@schema("public")
            }
            model Order {
              id     Int    @id
              mood   Mood   @default(GOOD)
              by     Person @relation(fields: [person], references: [id])
              person Int
              @@schema("Sales Team")
            }
            """);
        var script = await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "diff", "--from-empty", "--to-schema-datamodel", "schema.prisma", "--script", "--output", "made.sql");
        Assert.True(File.Exists(Path.Combine(shop.Root, "made.sql")), script);
        shop.WithPrisma("1_init", await File.ReadAllTextAsync(Path.Combine(shop.Root, "made.sql")));

        if (byUs)
            Assert.Equal(["1_init"], (await shop.RunAsync(shop.Quick())).Applied);
        else
            Assert.Contains("successfully applied", await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "deploy"), StringComparison.Ordinal);

        Assert.Contains("Database schema is up to date!", await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "status"), StringComparison.Ordinal);
        Assert.Equal("1_init:Applied", await shop.StatesAsync());
        Assert.True(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('\"Sales Team\".\"Order\"') IS NOT NULL AND to_regclass('public._prisma_migrations') IS NOT NULL"));
        // A destructive change in the other schema is found under its name there, and allowed by it.
        shop.WithPrisma("2_drop", "ALTER TABLE \"Sales Team\".\"Order\" DROP COLUMN \"mood\";");
        await PgServer.ExecuteAsync(shop.Target, "INSERT INTO \"Person\" VALUES (1); INSERT INTO \"Sales Team\".\"Order\" VALUES (1, 'BAD', 1)");
        var refusal = await shop.FailsAsync(shop.Quick(), "DBS403");
        Assert.Contains("--allow 'drop-column:\"Sales Team\".\"Order\".mood'", refusal.Hint, StringComparison.Ordinal);
        await shop.RunAsync(shop.Quick("drop-column:\"Sales Team\".\"Order\".mood"));
    }

    [Fact]
    public async Task The_Prisma_migration_history_table_and_its_rows_match_those_that_Prisma_creates()
    {
        using var ours = await PrismaShopAsync();
        using var theirs = await PrismaShopAsync();
        await ours.RunAsync(ours.Quick());
        await PrismaCli.RunAsync(theirs.Root, theirs.Target, "migrate", "deploy");

        const string Rows =
            """
            SELECT string_agg(concat_ws('|', migration_name, checksum, length(id), applied_steps_count, logs IS NULL, rolled_back_at IS NULL, finished_at >= started_at), E'\n' ORDER BY migration_name)
            FROM _prisma_migrations
            """;
        const string Columns =
            """
            SELECT string_agg(concat_ws('|', attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)), E'\n' ORDER BY attnum)
            FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid = '_prisma_migrations'::regclass AND attnum > 0
            """;
        foreach (var sql in new[] { Rows, Columns })
            Assert.Equal(await PgServer.ScalarAsync<string>(theirs.Target, sql), await PgServer.ScalarAsync<string>(ours.Target, sql));
    }

    [Fact]
    [Hazard("H20")]
    public async Task A_failed_migration_is_reported_with_its_log_and_prisma_migrate_resolve_resolves_it()
    {
        using var shop = await PrismaShopAsync();
        shop.WithPrisma("20240103000000_bad", "SELECT 1 / 0;\n");
        await shop.FailsAsync(shop.Quick(), "DBS406");

        var deploy = await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "deploy");
        Assert.Contains("P3009", deploy, StringComparison.Ordinal);
        Assert.Contains("20240103000000_bad", deploy, StringComparison.Ordinal);
        await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "resolve", "--rolled-back", "20240103000000_bad");

        Assert.EndsWith("20240103000000_bad:RolledBack", await shop.StatesAsync(), StringComparison.Ordinal);
        shop.WithPrisma("20240103000000_bad", "SELECT 1;\n");
        Assert.Equal(["20240103000000_bad"], (await shop.RunAsync(shop.Quick())).Applied);
        Assert.Contains("up to date", await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DbSafety_resolves_a_migration_that_failed_in_Prisma_and_Prisma_continues()
    {
        using var shop = await PrismaShopAsync();
        shop.WithPrisma("20240101500000_bad", "SELECT 1 / 0");
        var deploy = await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "deploy");
        Assert.True(deploy.Contains("division by zero", StringComparison.Ordinal), deploy);
        Assert.Equal("20240101000000_init:Applied 20240101500000_bad:Failed 20240102000000_more:Pending", await shop.StatesAsync());
        var refusal = await shop.FailsAsync(shop.Quick(), "DBS402");
        Assert.Contains("20240101500000_bad is failed", refusal.Message, StringComparison.Ordinal);

        var end = await Dbsafety.RunAsync("migration", "resolve", shop.Root, "--database-url", DrizzleTools.Url(shop.Target), "--rolled-back", "20240101500000_bad");
        Assert.True(end.ExitCode == 0, end.Error);
        shop.WithPrisma("20240101500000_bad", "SELECT 1");

        Assert.Contains("All migrations have been successfully applied", await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "deploy"), StringComparison.Ordinal);
        Assert.Equal(SafeMigrationOutcome.NothingToDo, (await shop.RunAsync(shop.Quick())).Outcome);
    }

    [Fact]
    public async Task Prisma_treats_a_migration_that_DbSafety_marks_as_applied_as_applied()
    {
        using var shop = await PrismaShopAsync();
        await PgServer.ExecuteAsync(shop.Target, Init);

        var marked = await new ResolveMigration().RunAsync(
            new MigrationResolveRequest(shop.Root, shop.Target, "20240101000000_init", MigrationResolution.Baseline), shop.Events, CancellationToken.None);

        Assert.Equal(MigrationState.Applied, Assert.Single(marked).State);
        var status = await PrismaCli.RunAsync(shop.Root, shop.Target, "migrate", "status");
        Assert.Contains("not yet been applied:\n20240102000000_more\n", status, StringComparison.Ordinal);
    }

    private async Task<Shop> PrismaShopAsync()
    {
        var shop = (await Shop.OpenAsync(pg, "SELECT 1")).WithPrisma("20240101000000_init", Init).WithPrisma("20240102000000_more", "ALTER TABLE \"Item\" ADD COLUMN \"name\" TEXT;\r\n");
        await PrismaCli.PrepareAsync(shop.Root);
        return shop;
    }
}
