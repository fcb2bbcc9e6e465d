using DbSafety.Backups;
using DbSafety.Backups.Retention;
using DbSafety.Backups.Sets;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>What a run was allowed to lose is listed with numbers, and the backup that holds it is not removed by retention.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class PinnedBackupTests(PgServer pg)
{
    private const string Schema = Shop.Schema + "UPDATE products SET note = 'n' WHERE id <= 8; SELECT lo_from_bytea(70001, 'content');";

    [Fact]
    public async Task Allowed_losses_are_listed_with_counts_and_the_backup_is_pinned()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql",
            "ALTER TABLE products DROP COLUMN note;\nDELETE FROM categories WHERE id > 1200;\nDO $$ BEGIN EXECUTE 'SELECT lo_unlink(70001)'; EXECUTE 'ALTER TABLE categories DROP COLUMN active'; END $$;");

        var run = await shop.RunAsync(shop.Request("drop-column:products.note", "delete-rows:categories", "remove-large-objects:all", "drop-column:categories.active") with { SkipRehearsal = true });

        Assert.Equal(
            ["1 large object", "1,204 values of categories.active", "8 values of products.note", "categories: 0 inserted, 0 updated, 4 deleted"],
            run.Lost.Select(l => l.ToString()).Order(StringComparer.Ordinal));
        Assert.Contains($"Z, is in {run.Backup!.Path}, pinned until", run.Stages.Single(s => s.Name == "verify").Evidence, StringComparison.Ordinal);
        Assert.InRange(run.Backup.PinnedUntil!.Value, DateTimeOffset.UtcNow.AddDays(29), DateTimeOffset.UtcNow.AddDays(31));

        await BackUpAsync(shop);
        var listed = (await ListAsync(shop)).Single(s => s.Path == run.Backup.Path);
        Assert.Equal((run.Backup.PinnedUntil, "it contains data that a migration was allowed to delete"), (listed.PinnedUntil, listed.PinReason));
        var rules = new RetentionRequest(shop.Request().BackupDestination!, new RetentionPolicy { KeepLast = 1 });
        Assert.Empty(await RemovalsAsync(rules));
        // Chosen before it was pinned.
        Assert.Equal(RetentionDecision.Keep, Assert.Single(await new RemoveBackups().RunAsync([listed with { PinnedUntil = null, Decision = RetentionDecision.Remove }], shop.Events, CancellationToken.None)).Decision);
        Assert.Contains("it is pinned until", shop.Events.Text, StringComparison.Ordinal);

        File.WriteAllText(Path.ChangeExtension(listed.Path, ".pin"), "half a fi");
        Assert.Empty(await RemovalsAsync(rules));
        File.Delete(Path.ChangeExtension(listed.Path, ".pin"));
        Assert.Equal([listed.Path], await RemovalsAsync(rules));

        async Task<IEnumerable<string>> RemovalsAsync(RetentionRequest request) =>
            (await new PlanRetention().RunAsync(request, shop.Events, CancellationToken.None)).Where(s => s.Decision == RetentionDecision.Remove).Select(s => s.Path);
    }

    [Fact]
    public async Task Lossless_run_pins_no_backup_and_a_lossy_run_without_backup_reports_that_no_backup_contains_the_data()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", "CREATE TABLE made (id int);");
        var harmless = await shop.RunAsync(shop.Request() with { SkipRehearsal = true, AllowAll = true });
        Assert.Null(harmless.Backup!.PinnedUntil);
        Assert.Empty(Directory.EnumerateFiles(harmless.Backup.Folder, "*.pin"));

        shop.With("2_x.sql", "DROP TABLE products;");
        var lossy = await shop.RunAsync(shop.Quick() with { AllowAll = true });
        Assert.Equal("10 rows of products", Assert.Single(lossy.Lost).ToString());
        Assert.Contains("no backup contains the deleted data", lossy.Stages.Single(s => s.Name == "verify").Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hidden_loss_with_all_losses_allowed_is_listed_with_the_row_counts_of_the_backup()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", "DO $$ BEGIN EXECUTE 'DROP TABLE products'; END $$;");
        var run = await shop.RunAsync(shop.Request() with { SkipRehearsal = true, AllowAll = true });
        Assert.Equal("10 rows of products", Assert.Single(run.Lost).ToString());
    }

    [Fact]
    public async Task A_migration_run_pins_the_backup_before_it_commits_the_data_loss()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", "DROP TABLE products;");
        var pins = Array.Empty<string>();
        using var at = StepListener.At("migration: before COMMIT", () => pins = Directory.GetFiles(shop.Request().BackupDestination!, "*.pin"));

        await shop.RunAsync(shop.Request("drop-table:products") with { SkipRehearsal = true });

        Assert.Single(pins);
    }

    private static Task<PgBackup> BackUpAsync(Shop shop) =>
        new BackupDatabase().RunAsync(new BackupRequest(shop.Target, shop.Request().BackupDestination!), shop.Events, CancellationToken.None);

    private static Task<IReadOnlyList<PgBackup>> ListAsync(Shop shop) =>
        new ListBackups().RunAsync(new BackupListRequest(shop.Request().BackupDestination!), shop.Events, CancellationToken.None);
}
