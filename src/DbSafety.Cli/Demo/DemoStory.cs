using DbSafety.Analysis.Syntax;
using DbSafety.Audit;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Cli.Rendering;
using DbSafety.Cli.Verbs;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Migrations;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Cli.Demo;

/// <summary>The demo on a temporary server. Each step runs the operation of the verb that it prints, and checks the result.</summary>
internal sealed class DemoStory(DatabaseTarget server, string folder, TextWriter output, CancellationToken ct)
{
    private const string Name = "shop";

    private readonly DatabaseTarget shop = server.On(Name);
    private readonly string migrations = Path.Combine(folder, "migrations");
    private readonly string backups = Path.Combine(folder, "backups");
    private int step;

    public async Task RunAsync()
    {
        // The user's own log is about the user's own databases.
        Environment.SetEnvironmentVariable(LogFolder.Variable, Path.Combine(folder, "log"));
        await OpenShopAsync();
        var before = await CheckAsync();
        var backup = await BackUpAsync();
        await RefuseDestructiveAsync();
        await ApplySafeAsync();
        await RollBackBadAsync();
        await RestoreAndUndoAsync(backup, before);
        await ReadLogAsync();
    }

    private async Task OpenShopAsync()
    {
        Step("Create a small database with its first migration", "dbsafety migration run migrations --skip-backup --skip-rehearsal");
        await using (var connection = await server.OpenAsync(ct))
            await connection.ExecuteAsync($"CREATE DATABASE {SqlName.Quote(Name)}", ct);
        await WriteMigrationAsync("001_shop.sql", DemoScript.Shop);
        Say(MigrationStory.Describe(await MigrateAsync(skipNet: true)));
        await using var goods = await shop.OpenAsync(ct);
        await goods.ExecuteAsync(DemoScript.Goods, ct);
        await goods.ExecuteAsync("ANALYZE", ct);
    }

    private async Task<PgFingerprint> CheckAsync()
    {
        Step("Measure: exact row counts", "dbsafety database measure");
        var fingerprint = await FingerprintReader.ReadAsync(shop, ct);
        Say(DatabaseVerbs.Describe(fingerprint));
        return fingerprint;
    }

    private async Task<PgBackup> BackUpAsync()
    {
        Step("Back up: dump and count in one snapshot, count again in the dump", $"dbsafety backup create --destination backups --environment demo");
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(shop, backups) { Environment = "demo" }, OperationEvents.None, ct);
        Say(BackupVerbs.Describe(backup));
        var test = await new TestBackup().RunAsync(new BackupTestRequest(backup.Path), OperationEvents.None, ct);
        Say(BackupVerbs.Describe(test));
        Expect(test.Passed, "the backup is intact");
        return backup;
    }

    private async Task RefuseDestructiveAsync()
    {
        Step("A migration that would lose data is refused, with the numbers of values", "dbsafety migration run migrations");
        await WriteMigrationAsync("002_drop_active.sql", DemoScript.Destructive);
        await RefusedAsync(ErrorCatalogue.GateRefused, skipRehearsal: false);
        File.Delete(Path.Combine(migrations, "002_drop_active.sql"));
    }

    private async Task ApplySafeAsync()
    {
        Step("A safe migration: backed up, rehearsed on a copy, applied and verified", "dbsafety migration run migrations");
        await WriteMigrationAsync("002_add_sku.sql", DemoScript.Safe);
        var run = await MigrateAsync(skipNet: false);
        Say(MigrationStory.Describe(run));
        Expect(run.Outcome == SafeMigrationOutcome.Applied, "the migration was applied");
    }

    private async Task RollBackBadAsync()
    {
        Step("A migration that fails without a rehearsal is completely rolled back", "dbsafety migration run migrations --skip-rehearsal");
        await WriteMigrationAsync("003_bad.sql", DemoScript.Bad);
        var before = await FingerprintReader.ReadAsync(shop, ct);
        await RefusedAsync(ErrorCatalogue.MigrationFailed, skipRehearsal: true);
        await using var connection = await shop.OpenAsync(ct);
        Expect(await connection.ScalarAsync<long>("SELECT count(*) FROM orders WHERE quantity = 0", ct) == 0, "no order was changed");
        Expect((await FingerprintReader.ReadAsync(shop, ct)).SchemaHash == before.SchemaHash, "the schema is as it was");
        Say("every order still has its quantity: the migration was completely rolled back");
    }

    private async Task RestoreAndUndoAsync(PgBackup backup, PgFingerprint before)
    {
        Step("An accident: DELETE FROM orders. Restore beside the live database, verify, swap", $"dbsafety restore run {Path.GetFileName(backup.Path)}");
        await using (var connection = await shop.OpenAsync(ct))
            await connection.ExecuteAsync(DemoScript.Accident, ct);
        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, shop), OperationEvents.None, ct);
        Say(RestoreVerbs.Describe(restore));
        Expect((await FingerprintReader.ReadAsync(shop, ct)).Tables.SequenceEqual(before.Tables.Where(t => backup.Manifest.Tables.Contains(t))), "every row is restored");

        Step("One command undoes the restore", "dbsafety restore undo");
        var undo = await new UndoRestore().RunAsync(new UndoRestoreRequest(shop), OperationEvents.None, ct);
        Say(RestoreVerbs.Describe(undo));
        await using var after = await shop.OpenAsync(ct);
        Expect(await after.ScalarAsync<long>("SELECT count(*) FROM orders", ct) == 0, "the previous database is swapped in again");
    }

    private async Task ReadLogAsync()
    {
        Step("The log: who changed what, and how it ended", "dbsafety log");
        var log = await new ReadLog().RunAsync(new LogRequest(), OperationEvents.None, ct);
        foreach (var entry in log)
            Say(LogVerb.Describe(entry).Split('\n')[0]);
        Expect(log.Any(e => e is { Verb: "restore undo", Outcome: LogOutcome.Succeeded }), "the log records the undo");
    }

    private Task<SafeMigration> MigrateAsync(bool skipNet) => new RunSafeMigration().RunAsync(
        new SafeMigrationRequest(migrations, shop) { BackupDestination = backups, Environment = "demo", SkipBackup = skipNet, SkipRehearsal = skipNet },
        OperationEvents.None,
        ct);

    private async Task RefusedAsync(ErrorDefinition expected, bool skipRehearsal)
    {
        var story = new MigrationStory(OperationEvents.None);
        try
        {
            await new RunSafeMigration().RunAsync(new SafeMigrationRequest(migrations, shop) { BackupDestination = backups, Environment = "demo", SkipRehearsal = skipRehearsal }, story, ct);
            Expect(false, $"it fails with {expected.Code}");
        }
        catch (DbSafetyException e) when (e.Definition == expected)
        {
            Say($"error {e.Code}: {e.Message}\nhint: {e.Hint}\n(exit code {e.ExitCode})");
        }
    }

    private async Task WriteMigrationAsync(string name, string sql)
    {
        Directory.CreateDirectory(migrations);
        await File.WriteAllTextAsync(Path.Combine(migrations, name), sql, ct);
    }

    private void Step(string title, string command) => output.WriteLine($"\n{++step}. {title}\n   $ {command}");

    private void Say(string text) => output.WriteLine("   " + text.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace("\n", "\n   ", StringComparison.Ordinal));

    private static void Expect(bool condition, string what)
    {
        if (!condition)
            throw ErrorCatalogue.Unexpected.For("the demo", $"expected: {what}");
    }
}
