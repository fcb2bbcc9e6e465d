using DbSafety.Databases.Connections;
using DbSafety.Migrations;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>The project's own command in place of our own way, inside the same net.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class CommandTests(PgServer pg)
{
    private const string Deploy = "env PRISMA_QUERY_ENGINE_LIBRARY=/bin/true PRISMA_SCHEMA_ENGINE_BINARY=/bin/true node node_modules/prisma/build/index.js migrate deploy";

    [Fact]
    public async Task Prisma_command_is_rehearsed_on_a_copy_and_then_run()
    {
        using var shop = await PrismaShopAsync(("1_note", "ALTER TABLE products ADD COLUMN \"extra\" TEXT;"), ("2_rows", "DELETE FROM products WHERE id > 7;"));

        var run = await shop.RunAsync(shop.Request("delete-rows:products") with { Command = MigrationCommand.Parse([Deploy]) });

        Assert.Equal((SafeMigrationOutcome.Applied, "1_note 2_rows"), (run.Outcome, string.Join(' ', run.Applied)));
        Assert.Contains("on a temporary PostgreSQL", run.Stages.Single(s => s.Name == "rehearse").Evidence, StringComparison.Ordinal);
        Assert.Equal(new TableChange("products", 0, 0, 3) { Exact = false }, Assert.Single(run.Changes));
        Assert.Contains("includes changes by other sessions", run.Stages.Single(s => s.Name == "verify").Evidence, StringComparison.Ordinal);
        Assert.Equal("0_init:Applied 1_note:Applied 2_rows:Applied", await shop.StatesAsync());
        Assert.Equal(SafeMigrationOutcome.NothingToDo, (await shop.RunAsync(shop.Request())).Outcome);
    }

    [Theory]
    [InlineData(null, SafeMigrationOutcome.Failed)]
    [InlineData(FailureAction.Restore, SafeMigrationOutcome.Restored)]
    public async Task Partially_failed_command_is_restored_from_backup_only_on_request(FailureAction? action, SafeMigrationOutcome outcome)
    {
        using var shop = await PrismaShopAsync(("1_note", "ALTER TABLE products ADD COLUMN \"extra\" TEXT;"), ("2_bad", "SELECT 1 / 0;"));

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true, OnFailure = action, Command = MigrationCommand.Parse([Deploy]) }, "DBS417");

        Assert.Contains("division by zero", failure.Message, StringComparison.Ordinal);
        Assert.Equal(outcome, Assert.Single(shop.Events.All.OfType<SafeMigrationFailedEvent>()).Run.Outcome);
        Assert.Equal(action is null, await PgServer.ScalarAsync<bool>(shop.Target, "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'products'::regclass AND attname = 'extra')"));
        Assert.Equal(action is null ? "0_init:Applied 1_note:Applied 2_bad:Failed" : "0_init:Applied 1_note:Pending 2_bad:Pending", await shop.StatesAsync());
    }

    [Theory]
    [InlineData("UPDATE products SET name = 'new' WHERE id = 1", "false", "products", true)]
    [InlineData("DELETE FROM products WHERE id = 1", "false", "products", false)]
    [InlineData("CREATE TABLE extra (id int)", "false", "extra", true)]
    [InlineData("UPDATE products SET name = 'new' WHERE id = 1", "true", "changed nothing on the copy", true)]
    [InlineData("TRUNCATE products", "$DEPLOY", "table public.products was emptied or rewritten", true)]
    public async Task Rehearsed_command_that_changes_production_is_never_reported_as_unchanged(string sql, string end, string named, bool backup)
    {
        using var shop = await PrismaShopAsync(("1_note", "SELECT 1;"));
        // An address of its own, so that no variable leads it to the copy.
        var there = $"env -u PGHOST -u PGPORT -u PGUSER psql '{shop.Target.Url("app")}' -c \"{sql}\"; {end.Replace("$DEPLOY", Deploy, StringComparison.Ordinal)}";

        var failure = await shop.FailsAsync(shop.Request() with { SkipBackup = !backup, AllowUnisolatedCommand = true, Command = new MigrationCommand(["sh", "-c", there]) }, "DBS450");

        Assert.True(failure.Message.Contains(named, StringComparison.Ordinal), failure.Message);
        Assert.Equal(SafeMigrationOutcome.Unknown, shop.Outcome);
        foreach (var text in new[] { failure.Message, failure.Hint })
        {
            Assert.DoesNotContain("not touched", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("not changed", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("nothing was changed", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("run it again", text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Successful_rehearsal_warns_about_rows_written_to_production_while_it_ran()
    {
        using var shop = await PrismaShopAsync(("1_note", "SELECT 1;"));
        var there = $"env -u PGHOST -u PGPORT -u PGUSER psql '{shop.Target.Url("app")}' -c \"INSERT INTO nothing VALUES (1)\" && {Deploy}";

        await shop.RunAsync(shop.Request() with { AllowUnisolatedCommand = true, Command = new MigrationCommand(["sh", "-c", there]) });

        Assert.Contains("rows were written to nothing of " + shop.Target.Database + " itself, by other sessions or by the command", shop.Events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Password_in_the_command_is_never_shown()
    {
        using var shop = await PrismaShopAsync(("1_note", "SELECT 1;"));
        var command = MigrationCommand.Parse(["sh -c 'echo \"error at $2 $3\"; false' x --url postgres://leaky:S3cretPw@h/db PGPASSWORD=S3cretPw --password S3cretPw"]);

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true, Command = command }, "DBS417");

        Assert.Contains("postgres://leaky:***@h/db", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("S3cretPw", failure + failure.Hint + shop.Events.Text + string.Join('\n', shop.Events.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_that_fails_in_the_rehearsal_does_not_run_on_production()
    {
        using var shop = await PrismaShopAsync(("1_bad", "ALTER TABLE products ADD COLUMN \"extra\" TEXT;\nSELECT 1 / 0;"));
        var failure = await shop.FailsAsync(shop.Request() with { Command = MigrationCommand.Parse([Deploy]) }, "DBS404");
        Assert.Contains("division by zero", failure.Message, StringComparison.Ordinal);
        Assert.Equal("0_init:Applied 1_bad:Pending", await shop.StatesAsync());
    }

    [Fact]
    public async Task Every_variable_with_a_PostgreSQL_URL_is_redirected_to_the_copy()
    {
        using var shop = await PrismaShopAsync(("1_note", "SELECT 1;"));
        await File.WriteAllTextAsync(Path.Combine(shop.Root, ".env"), $"DIRECT_URL=\"{DrizzleTools.Url(shop.Target)}\"\nOTHER=x\n");

        var failure = await shop.FailsAsync(shop.Request() with { Command = new MigrationCommand(["sh", "-c", "psql \"$DIRECT_URL\" -c 'DROP TABLE products'"]) }, "DBS419");

        Assert.Contains("1_note is still pending", failure.Message, StringComparison.Ordinal);
        Assert.Equal(10, await shop.CountAsync("products"));
    }

    [Fact]
    public async Task Loss_by_a_command_beyond_its_allowances_is_detected_on_the_copy()
    {
        using var shop = await PrismaShopAsync(("1_note", "SELECT 1;"));
        var command = new MigrationCommand(["sh", "-c", $"{Deploy} && psql \"$DATABASE_URL\" -c 'DELETE FROM products WHERE id = 1'"]);
        var failure = await shop.FailsAsync(shop.Request() with { Command = command }, "DBS405");
        Assert.Contains("1 of 10 rows of products would be lost", failure.Message, StringComparison.Ordinal);
        Assert.Equal("0_init:Applied 1_note:Pending", await shop.StatesAsync());
    }

    [Fact]
    public async Task Command_that_fails_or_applies_no_migration_or_cannot_start_leaves_the_database_unchanged()
    {
        using var shop = await PrismaShopAsync(("1_note", "SELECT 1;"));
        foreach (var (line, code) in new[] { ("true", "DBS419"), ("false", "DBS417"), ("no-such-program at all", "DBS418") })
        {
            await shop.FailsAsync(shop.Request() with { SkipRehearsal = true, Command = MigrationCommand.Parse([line]) }, code);
            Assert.Equal(SafeMigrationOutcome.RolledBack, shop.Events.All.OfType<SafeMigrationFailedEvent>().Last().Run.Outcome);
        }
    }

    private async Task<Shop> PrismaShopAsync(params (string Name, string Sql)[] migrations)
    {
        var shop = await Shop.OpenAsync(pg);
        foreach (var (name, sql) in migrations)
            shop.WithPrisma(name, sql);
        // To Prisma the tables there are would be a reason to refuse (P3005).
        shop.WithPrisma("0_init", "SELECT 1;");
        await new ResolveMigration().RunAsync(new MigrationResolveRequest(shop.Migrations, shop.Target, "0_init", MigrationResolution.Baseline), shop.Events, CancellationToken.None);
        Directory.CreateDirectory(shop.Root);
        await File.WriteAllTextAsync(Path.Combine(shop.Root, "package.json"), "{}");
        await PrismaCli.PrepareAsync(shop.Root);
        return shop;
    }
}
