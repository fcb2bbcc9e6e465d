using DbSafety.Databases.Connections;
using DbSafety.Integration.Tests.Databases.Poolers;
using DbSafety.Migrations;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

[Collection(MigrationServerGroup.Name)]
public sealed class DirectUrlTests(PgServer pg)
{
    [PgBouncerFact]
    public async Task Migrations_use_and_report_the_direct_URL_when_the_env_file_specifies_a_transaction_pooler()
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

    [PgBouncerFact]
    public async Task Explicitly_specified_pooler_is_not_replaced_by_the_direct_URL_of_a_parent_project()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_note.sql", "ALTER TABLE products ADD more text;");
        await using var pooler = await PgBouncer.StartAsync(pg, "transaction", 4);
        var schema = Path.Combine(shop.Root, "prisma", "schema.prisma");
        Directory.CreateDirectory(Path.GetDirectoryName(schema)!);
        await File.WriteAllTextAsync(schema, $"datasource db {{\n  url = \"postgres://app@127.0.0.1:1/{shop.Target.Database}\"\n  directUrl = \"{shop.Target.Url("app")}\"\n}}\n");

        var failure = await shop.FailsAsync(shop.Quick() with { Target = pooler.Target.On(shop.Target.Database) }, "DBS120");

        Assert.Contains($"directUrl of {schema} names a database {shop.Target.Database} too: {shop.Target}.", failure.Hint, StringComparison.Ordinal);
        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'products'::regclass AND attname = 'more')"));
    }

    [Fact]
    public async Task Hint_includes_the_connection_settings()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_bad.sql", "SELECT 1 / 0;");
        var target = shop.Target with { SslMode = "require", Options = "-c search_path=public" };

        var failure = await shop.FailsAsync(shop.Quick() with { Target = target }, "DBS406");

        Assert.Contains($"--database-url \"{shop.Target}?sslmode=require&options=-c%20search_path%3Dpublic\"", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variables_redirected_from_other_databases_are_reported_before_a_command_runs()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_note.sql", "SELECT 1;");
        Directory.CreateDirectory(Path.Combine(shop.Root, ".git"));
        await File.WriteAllTextAsync(Path.Combine(shop.Root, "package.json"), "{}");
        await File.WriteAllTextAsync(Path.Combine(shop.Root, ".env"), $"DATABASE_URL={shop.Target.Url("app")}\nSHOP_URL={shop.Target.Url("app")}\nANALYTICS_URL={shop.Target.On("analytics").Url("app")}\n");

        await shop.RunAsync(shop.Quick() with { WhatIf = true, Command = new MigrationCommand(["true"]) });

        Assert.Contains($"Warning: the command runs with ANALYTICS_URL set to {shop.Target.Database} on {shop.Target.Server}; ", shop.Events.Text, StringComparison.Ordinal);
    }
}
