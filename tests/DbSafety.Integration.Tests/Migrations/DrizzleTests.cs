using System.Text.Json;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Both tools on one history: what one has done, the other takes for done. Journals, as drizzle-kit before 1.0 keeps them.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class DrizzleTests(PgServer pg)
{
    private const string Rows = "SELECT string_agg(concat_ws('|', id, hash, created_at), E'\\n' ORDER BY id) FROM drizzle.__drizzle_migrations";

    private static readonly (string Tag, string Sql)[] Three =
    [
        ("0000_init", "CREATE TABLE \"item\" (\"id\" integer PRIMARY KEY)\n--> statement-breakpoint\nCREATE TABLE other (id int);--> statement-breakpoint\n\nINSERT INTO item VALUES (1); INSERT INTO item VALUES (2);\n"),
        ("0001_more", "-- ümlaut\r\nALTER TABLE \"item\" ADD COLUMN \"name\" text;\r\n"),
        ("0002_body", "CREATE FUNCTION twice(a int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN a + a; END $$;--> statement-breakpoint\nSELECT twice(1)"),
    ];

    [Theory]
    [InlineData(3, 0)]
    [InlineData(0, 3)]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    public async Task DbSafety_and_Drizzle_write_the_same_migration_history_in_any_combination(int ours, int kit)
    {
        var tools = await DrizzleTools.OldAsync();
        using var mixed = await Project.OpenAsync(pg);
        using var theirs = await Project.OpenAsync(pg);
        await theirs.With(Three).MigratedAsync(tools);

        if (ours == 1)
            await mixed.With(Three[..1]).Shop.RunAsync(mixed.Shop.Quick());
        if (kit > 0)
            Assert.Contains("exit code 0", await mixed.With(Three[..Math.Max(kit, ours)]).KitAsync(tools), StringComparison.Ordinal);
        await mixed.With(Three).Shop.RunAsync(mixed.Shop.Quick());

        Assert.Equal(await PgServer.ScalarAsync<string>(theirs.Shop.Target, Rows), await PgServer.ScalarAsync<string>(mixed.Shop.Target, Rows));
        Assert.Equal("0000_init:Applied 0001_more:Applied 0002_body:Applied", await theirs.Shop.StatesAsync());
        Assert.Equal("0000_init:Applied 0001_more:Applied 0002_body:Applied", await mixed.Shop.StatesAsync());
        Assert.Equal(SafeMigrationOutcome.NothingToDo, (await theirs.Shop.RunAsync(theirs.Shop.Quick())).Outcome);
        await mixed.MigratedAsync(tools);
        Assert.Contains("exit code 0", await mixed.KitAsync(tools), StringComparison.Ordinal);
        Assert.Equal(2, await mixed.Shop.CountAsync("item"));
    }

    [Fact]
    public async Task Migration_history_matches_the_table_that_Drizzle_creates_in_the_configured_schema()
    {
        var tools = await DrizzleTools.OldAsync();
        using var ours = await Project.OpenAsync(pg, "journal", "My Ledger");
        using var theirs = await Project.OpenAsync(pg, "journal", "My Ledger");
        await ours.With(Three).Shop.RunAsync(ours.Shop.Quick());
        Assert.Contains("exit code 0", await theirs.With(Three).KitAsync(tools), StringComparison.Ordinal);

        const string Columns =
            """
            SELECT string_agg(concat_ws('|', attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)), E'\n' ORDER BY attnum)
            FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid = '"My Ledger".journal'::regclass AND attnum > 0
            """;
        foreach (var sql in new[] { Columns, "SELECT string_agg(concat_ws('|', id, hash, created_at), ' ' ORDER BY id) FROM \"My Ledger\".journal" })
            Assert.Equal(await PgServer.ScalarAsync<string>(theirs.Shop.Target, sql), await PgServer.ScalarAsync<string>(ours.Shop.Target, sql));
        Assert.Equal(3, (await ours.Shop.ListAsync()).Count(m => m.State == MigrationState.Applied));
    }

    [Fact]
    [Hazard("H21")]
    public async Task Migration_that_Drizzle_silently_skips_is_reported_and_rejected()
    {
        var tools = await DrizzleTools.OldAsync();
        using var project = await Project.OpenAsync(pg);
        project.With(("0000_init", "CREATE TABLE a (id int);", 2000), ("0001_late", "CREATE TABLE b (id int);", 1000)).Unlisted("0002_stray");
        await PgServer.ExecuteAsync(project.Shop.Target, "SELECT 1");
        project.With(("0000_init", "CREATE TABLE a (id int);", 2000));
        await project.MigratedAsync(tools);
        project.With(("0000_init", "CREATE TABLE a (id int);", 2000), ("0001_late", "CREATE TABLE b (id int);", 1000));
        await project.MigratedAsync(tools);
        Assert.False(await PgServer.ScalarAsync<bool>(project.Shop.Target, "SELECT to_regclass('b') IS NOT NULL"));

        Assert.Equal("0000_init:Applied 0001_late:OutOfOrder 0002_stray:Unlisted", await project.Shop.StatesAsync());
        var refusal = await project.Shop.FailsAsync(project.Shop.Quick(), "DBS402");
        Assert.Contains("0001_late is out of order", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("skips it without a message", refusal.Hint, StringComparison.Ordinal);

        var run = await project.Shop.RunAsync(project.Shop.Quick() with { AllowOutOfOrder = true });
        Assert.Equal(["0001_late"], run.Applied);
        Assert.Equal("0000_init:Applied 0001_late:Applied 0002_stray:Unlisted", await project.Shop.StatesAsync());
    }

    [Fact]
    public async Task Partially_failed_migration_stays_pending_for_DbSafety_and_Drizzle_and_either_can_continue_after_a_fix()
    {
        var tools = await DrizzleTools.OldAsync();
        using var project = await Project.OpenAsync(pg);
        (string, string)[] broken = [Three[0], ("0001_more", "ALTER TABLE item ADD COLUMN x int;--> statement-breakpoint\nSELECT 1 / 0;"), Three[2]];
        project.With(broken);
        var failure = await project.Shop.FailsAsync(project.Shop.Quick(), "DBS406");
        Assert.Contains("line 2: division by zero", failure.Message, StringComparison.Ordinal);
        Assert.Equal("0000_init:Applied 0001_more:Pending 0002_body:Pending", await project.Shop.StatesAsync());
        Assert.Contains("division by zero", await tools.MigrateAsync(project.Shop.Migrations, project.Shop.Target), StringComparison.Ordinal);

        await project.With(Three).MigratedAsync(tools);

        Assert.Equal(SafeMigrationOutcome.NothingToDo, (await project.Shop.RunAsync(project.Shop.Quick())).Outcome);
    }

    [Fact]
    public async Task Changes_of_a_file_or_the_journal_after_it_was_applied_are_reported()
    {
        using var project = await Project.OpenAsync(pg);
        await project.With(Three).Shop.RunAsync(project.Shop.Quick());

        project.With([Three[0], ("0001_more", "SELECT 2;"), Three[2]]);
        Assert.Equal("0000_init:Applied 0001_more:Modified 0002_body:Applied", await project.Shop.StatesAsync());
        project.With(Three.Select((m, i) => (m.Tag, m.Sql, i == 2 ? 99999L : 1000 * (i + 1))).ToArray());
        var changed = (await project.Shop.ListAsync())[2];
        Assert.Equal(MigrationState.Modified, changed.State);
        Assert.Contains("run it again", changed.Note, StringComparison.Ordinal);
        project.With(Three[..2]);
        File.Delete(Path.Combine(project.Shop.Migrations, "0002_body.sql"));
        Assert.Equal(MigrationState.Missing, (await project.Shop.ListAsync())[2].State);
    }

    /// <summary>A Drizzle project in a shop's folder.</summary>
    private sealed class Project(Shop shop, string? table, string? schema) : IDisposable
    {
        public Shop Shop { get; } = shop;

        public static async Task<Project> OpenAsync(PgServer pg, string? table = null, string? schema = null)
        {
            var project = new Project(await Shop.OpenAsync(pg, "SELECT 1"), table, schema);
            var history = table is null ? null : new { table, schema };
            await File.WriteAllTextAsync(Path.Combine(project.Shop.Root, "drizzle.config.json"),
                JsonSerializer.Serialize(new { dialect = "postgresql", @out = "./migrations", schema = "./schema.ts", dbCredentials = new { url = DrizzleTools.Url(project.Shop.Target) }, migrations = history }).Replace(",\"migrations\":null", "", StringComparison.Ordinal));
            return project;
        }

        public Project With((string Tag, string Sql)[] migrations) => With(migrations.Select((m, i) => (m.Tag, m.Sql, 1000L * (i + 1))).ToArray());

        public Project With(params (string Tag, string Sql, long When)[] migrations)
        {
            foreach (var (tag, sql, _) in migrations)
                Shop.With(tag + ".sql", sql);
            Directory.CreateDirectory(Path.Combine(Shop.Migrations, "meta"));
            var entries = migrations.Select((m, i) => new { idx = i, version = "7", when = m.When, tag = m.Tag, breakpoints = true });
            File.WriteAllText(Path.Combine(Shop.Migrations, "meta", "_journal.json"), JsonSerializer.Serialize(new { version = "7", dialect = "postgresql", entries }));
            return this;
        }

        public void Unlisted(string name) => Shop.With(name + ".sql", "SELECT 1;");

        public async Task MigratedAsync(DrizzleTools tools) =>
            Assert.StartsWith("migrated", await tools.MigrateAsync(Shop.Migrations, Shop.Target, table, schema), StringComparison.Ordinal);

        public Task<string> KitAsync(DrizzleTools tools) => tools.KitAsync(Shop.Root, Shop.Target, "migrate", "--config", "drizzle.config.json");

        public void Dispose() => Shop.Dispose();
    }
}
