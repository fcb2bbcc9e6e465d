using DbSafety.Databases.Connections;
using DbSafety.Migrations;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Prisma 7 and we on one history: what one has done, the other takes for done.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class Prisma7Tests(PgServer pg)
{
    private static readonly string[] Deploy = ["migrate", "deploy"];

    private static readonly string[] Status = ["migrate", "status"];

    [LongFact]
    public async Task DbSafety_and_Prisma_7_report_the_same_migrations_as_applied_and_pending()
    {
        using var folder = new TempFolder();
        await Prisma7Cli.PrepareAsync(folder.Path, "db/changes");
        Add(folder.Path, "20240101_a", "CREATE TABLE a (id int);\r\n");
        var target = await pg.CreateDatabaseAsync("prisma");
        using var shop = Shop.At(target);
        Assert.Contains("All migrations have been successfully applied", await Prisma7Cli.RunAsync(folder.Path, target, Deploy), StringComparison.Ordinal);
        Add(folder.Path, "20240102_b", "CREATE FUNCTION b() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;");
        Assert.Equal("20240101_a:Applied 20240102_b:Pending", await StatesAsync(folder.Path, target));

        var run = await shop.RunAsync(new SafeMigrationRequest(folder.Path, target) { SkipBackup = true, SkipRehearsal = true });

        Assert.Equal(["20240102_b"], run.Applied);
        Assert.Contains("Database schema is up to date!", await Prisma7Cli.RunAsync(folder.Path, target, Status), StringComparison.Ordinal);
        Add(folder.Path, "20240101_a", "CREATE TABLE a (id bigint);");
        Assert.StartsWith("20240101_a:Modified", await StatesAsync(folder.Path, target), StringComparison.Ordinal);
    }

    [LongFact]
    public async Task Migration_folders_sort_in_Prisma_order_and_a_run_is_refused_if_the_order_depends_on_the_locale()
    {
        using var folder = new TempFolder();
        await Prisma7Cli.PrepareAsync(folder.Path, "db/changes");
        string[] names = ["20240101-z", "20240101_B", "20240101_a", "20240102_ä", "20240103_z", "20240104_日", "20240105_é", "20240106", "20240106_é", "20240107_A", "20240107_a"];
        foreach (var name in names.Reverse())
            Add(folder.Path, name, "SELECT 1;");
        var ours = (await new GetMigrations().RunAsync(new MigrationListRequest(folder.Path, await pg.CreateDatabaseAsync("prisma")), new RecordedEvents(), CancellationToken.None)).Select(m => m.Name).ToList();
        Assert.Equal(ours, await OrderAsync(folder.Path, "en_US.UTF-8"));
        Assert.Equal(["20240101_a", "20240101_B", "20240101-z"], ours.Take(3));

        foreach (var name in names)
            Directory.Delete(Path.Combine(folder.Path, "db", "changes", name), recursive: true);
        Add(folder.Path, "20240101_ä", "SELECT 1;");
        Add(folder.Path, "20240101_z", "SELECT 1;");
        Assert.Equal(["20240101_ä", "20240101_z"], await OrderAsync(folder.Path, "en_US.UTF-8"));
        Assert.Equal(["20240101_z", "20240101_ä"], await OrderAsync(folder.Path, "sv_SE.UTF-8"));
        var target = await pg.CreateDatabaseAsync("prisma");
        using var shop = Shop.At(target);
        var request = new SafeMigrationRequest(folder.Path, target) { SkipBackup = true, SkipRehearsal = true };

        var failure = await shop.FailsAsync(request, "DBS483");

        Assert.Contains("20240101_z and 20240101_ä", failure.Message, StringComparison.Ordinal);
        await new ResolveMigration().RunAsync(new MigrationResolveRequest(folder.Path, target, "20240101_ä", MigrationResolution.Applied), shop.Events, CancellationToken.None);
        Assert.Equal(["20240101_z"], (await shop.RunAsync(request)).Applied);
    }

    /// <summary>In which Prisma applies them.</summary>
    private async Task<IReadOnlyList<string>> OrderAsync(string project, string language)
    {
        var target = await pg.CreateDatabaseAsync("prisma");
        var reported = await Prisma7Cli.RunAsync(project, target, Deploy, language);
        Assert.True(reported.EndsWith("exit code 0", StringComparison.Ordinal), reported);
        return (await PgServer.ScalarAsync<string>(target, "SELECT string_agg(migration_name, '|' ORDER BY started_at) FROM _prisma_migrations"))!.Split('|');
    }

    private static void Add(string project, string name, string sql)
    {
        var folder = Directory.CreateDirectory(Path.Combine(project, "db", "changes", name)).FullName;
        File.WriteAllText(Path.Combine(folder, "migration.sql"), sql);
    }

    private static async Task<string> StatesAsync(string folder, DatabaseTarget target) =>
        string.Join(' ', (await new GetMigrations().RunAsync(new MigrationListRequest(folder, target), new RecordedEvents(), CancellationToken.None)).Select(m => $"{m.Name}:{m.State}"));
}
