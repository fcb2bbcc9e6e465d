using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Both tools on one history, with a folder for each migration as drizzle-kit from 1.0 on keeps them.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class DrizzleFoldersTests(PgServer pg)
{
    private const string Rows = "SELECT string_agg(concat_ws('|', id, hash, created_at, name, (applied_at IS NULL)), E'\\n' ORDER BY id) FROM drizzle.__drizzle_migrations";

    private static readonly (string Name, string Sql)[] Two =
        [("20240101120000_init", "CREATE TABLE item (id int);--> statement-breakpoint\nCREATE TABLE other (id int);"), ("20241332256199_odd", "ALTER TABLE item ADD COLUMN name text;")];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task DbSafety_and_Drizzle_write_the_same_migration_history_in_any_combination(int ours)
    {
        var tools = await DrizzleTools.NewAsync();
        using var mixed = await Shop.OpenAsync(pg, "SELECT 1");
        using var theirs = await Shop.OpenAsync(pg, "SELECT 1");
        With(theirs, Two);
        Assert.StartsWith("migrated", await tools.MigrateAsync(theirs.Migrations, theirs.Target), StringComparison.Ordinal);

        if (ours > 0)
            await With(mixed, Two[..ours]).RunAsync(mixed.Quick());
        With(mixed, Two);
        Assert.StartsWith("migrated", await tools.MigrateAsync(mixed.Migrations, mixed.Target), StringComparison.Ordinal);

        Assert.Equal(await PgServer.ScalarAsync<string>(theirs.Target, Rows), await PgServer.ScalarAsync<string>(mixed.Target, Rows));
        Assert.Equal("20240101120000_init:Applied 20241332256199_odd:Applied", await mixed.StatesAsync());
        Assert.Equal(SafeMigrationOutcome.NothingToDo, (await mixed.RunAsync(mixed.Quick())).Outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Migration_history_of_the_old_layout_is_upgraded_as_in_Drizzle(bool byUs)
    {
        var tools = await DrizzleTools.NewAsync();
        using var shop = await Shop.OpenAsync(pg, "CREATE TABLE item (id int); CREATE TABLE other (id int)");
        With(shop, Two);
        var hash = (await shop.ListAsync())[0].Checksum;
        await PgServer.ExecuteAsync(shop.Target,
            $"CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint); INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('{hash}', 1704110400123)");

        if (byUs)
            await shop.RunAsync(shop.Quick());
        else
            Assert.StartsWith("migrated", await tools.MigrateAsync(shop.Migrations, shop.Target), StringComparison.Ordinal);

        Assert.Equal($"1|{hash}|1704110400123|20240101120000_init|t\n2|{(await shop.ListAsync())[1].Checksum}|1738461759000|20241332256199_odd|f",
            await PgServer.ScalarAsync<string>(shop.Target, Rows));
        Assert.StartsWith("migrated", await tools.MigrateAsync(shop.Migrations, shop.Target), StringComparison.Ordinal);
        Assert.Equal(SafeMigrationOutcome.NothingToDo, (await shop.RunAsync(shop.Quick())).Outcome);
    }

    [Fact]
    public async Task DbSafety_and_drizzle_kit_alternately_apply_generated_migrations()
    {
        var tools = await DrizzleTools.NewAsync();
        using var shop = await Shop.OpenAsync(pg, "SELECT 1");
        await File.WriteAllTextAsync(Path.Combine(shop.Root, "drizzle.config.ts"),
            "export default { dialect: 'postgresql', out: './migrations', schema: './schema.ts', dbCredentials: { url: process.env.DATABASE_URL } }\n");

        await GenerateAsync("id: integer('id').primaryKey()", "first");
        Assert.Single((await shop.RunAsync(shop.Quick() with { Path = shop.Root })).Applied);
        await NothingForTheKitAsync();
        await GenerateAsync("id: integer('id').primaryKey(), name: text('name')", "second");
        Assert.Contains("exit code 0", await tools.KitAsync(shop.Root, shop.Target, "migrate"), StringComparison.Ordinal);
        Assert.Equal(SafeMigrationOutcome.NothingToDo, (await shop.RunAsync(shop.Quick() with { Path = shop.Root })).Outcome);
        await GenerateAsync("id: integer('id').primaryKey(), name: text('name'), note: text('note')", "third");
        Assert.Single((await shop.RunAsync(shop.Quick() with { Path = shop.Root })).Applied);
        await NothingForTheKitAsync();
        Assert.Equal(3, (await shop.ListAsync()).Count(m => m.State == MigrationState.Applied));
        Assert.Equal(3, await PgServer.ScalarAsync<long>(shop.Target, "SELECT count(*) FROM pg_attribute WHERE attrelid = 'item'::regclass AND attnum > 0"));

        async Task GenerateAsync(string columns, string name)
        {
            await File.WriteAllTextAsync(Path.Combine(shop.Root, "schema.ts"), $"import {{ integer, pgTable, text }} from 'drizzle-orm/pg-core'\nexport const item = pgTable('item', {{ {columns} }})\n");
            var reported = await tools.KitAsync(shop.Root, shop.Target, "generate", "--name", name);
            Assert.True(reported.Contains("exit code 0", StringComparison.Ordinal) && Directory.EnumerateFiles(shop.Migrations, "migration.sql", SearchOption.AllDirectories).Any(f => f.Contains(name, StringComparison.Ordinal)), reported);
        }

        async Task NothingForTheKitAsync()
        {
            var before = await PgServer.ScalarAsync<string>(shop.Target, Rows);
            Assert.Contains("exit code 0", await tools.KitAsync(shop.Root, shop.Target, "migrate"), StringComparison.Ordinal);
            Assert.Equal(before, await PgServer.ScalarAsync<string>(shop.Target, Rows));
        }
    }

    private static Shop With(Shop shop, (string Name, string Sql)[] migrations)
    {
        foreach (var (name, sql) in migrations)
        {
            Directory.CreateDirectory(Path.Combine(shop.Migrations, name));
            File.WriteAllText(Path.Combine(shop.Migrations, name, "migration.sql"), sql);
            File.WriteAllText(Path.Combine(shop.Migrations, name, "snapshot.json"), "{}");
        }

        return shop;
    }
}
