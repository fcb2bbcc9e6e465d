using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Errors;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Concurrency;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;

namespace DbSafety.Migrations.Stages;

/// <summary>Stage 4: creates a backup and tests it.</summary>
internal static class BackUp
{
    public static async Task<string> RunAsync(SafeMigrationRun run, CancellationToken ct)
    {
        run.Statistics = await TableStatistics.StartAsync(run.Connection, ct);
        run.Backup = await TakeAsync(run, run.Request.BackupDestination ?? SafeMigrationRequest.DefaultBackupDestination, "pre-migration", ct);
        run.Since = run.Backup.Source is null ? null : new RowsSinceBackup(run.Backup, run.Own);
        StepPoint.Reach("migration run: backed up");
        return $"{run.Backup.Tables} tables, {run.Backup.Rows:N0} rows, tested: {run.Backup.Path}";
    }

    /// <exception cref="DbSafetyException"><c>DBS204</c> and what a backup can raise.</exception>
    public static async Task<PgBackup> TakeAsync(SafeMigrationRun run, string destination, string label, CancellationToken ct)
    {
        var request = new BackupRequest(run.Request.Target, destination) { Environment = run.Request.Environment, Labels = [label] };
        var backup = await new BackupDatabase().RunAsync(request, run.Events, ct);
        var test = await new TestBackup().RunAsync(new BackupTestRequest(backup.Path), run.Events, ct);
        return test.Passed ? backup : throw ErrorCatalogue.BackupDamaged.For(backup.Path, string.Join("; ", test.Problems));
    }
}
