using DbSafety.Databases;
using DbSafety.Integration.Tests.Databases.Poolers;
using DbSafety.Migrations;

namespace DbSafety.Integration.Tests.Migrations;

[Collection(MigrationServerGroup.Name)]
public sealed class DirectUrlTests(PgServer pg)
{
    [PgBouncerFact]
    public async Task Migrations_whose_env_file_names_a_transaction_pooler_use_its_direct_URL_and_say_so()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_note", "ALTER TABLE products ADD more text;");
        await using var pooler = await PgBouncer.StartAsync(pg, "transaction", 4);
        var file = Path.Combine(shop.Root, ".env");
        await File.WriteAllTextAsync(file, $"DATABASE_URL={pooler.Target.On(shop.Target.Database).Url("app")}\nDIRECT_URL={shop.Target.Url("app")}\n");
        var target = DatabaseTargets.FromEnvFile(file);
        var run = await shop.RunAsync(shop.Quick() with { Target = target });
        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.Contains($"Warning: {target.Server} is a connection pooler in transaction or statement mode", shop.Events.Text, StringComparison.Ordinal);
        Assert.Contains($"the migrations use DIRECT_URL of {file}: {shop.Target}", shop.Events.Text, StringComparison.Ordinal);
        Assert.Equal("Applied", string.Join(' ', (await new GetMigrations().RunAsync(new MigrationListRequest(shop.Migrations, target), shop.Events, CancellationToken.None)).Select(m => m.State)));
    }

    [PgBouncerFact]
    public async Task A_direct_URL_of_another_database_is_not_used()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_note", "ALTER TABLE products ADD more text;");
        await using var pooler = await PgBouncer.StartAsync(pg, "transaction", 4);
        var file = Path.Combine(shop.Root, ".env");
        await File.WriteAllTextAsync(file, $"DATABASE_URL={pooler.Target.On(shop.Target.Database).Url("app")}\nDIRECT_URL={pg.Target.Url("app")}\n");
        await shop.FailsAsync(shop.Quick() with { Target = DatabaseTargets.FromEnvFile(file) }, "DBS120");
        Assert.Equal(SafeMigrationOutcome.Refused, shop.Outcome);
    }
}
