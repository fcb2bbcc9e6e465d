using System.Text;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;

namespace DbSafety.Cli.Rendering;

/// <summary>Keeps the run that precedes an error, and formats runs as text.</summary>
internal sealed class MigrationStory(IOperationEvents screen) : IOperationEvents
{
    /// <summary>The run with its completed stages, if it failed or was refused.</summary>
    public SafeMigration? Failed { get; private set; }

    public void Raise(OperationEvent operationEvent)
    {
        if (operationEvent is SafeMigrationFailedEvent failed)
            Failed = failed.Run;
        else
            screen.Raise(operationEvent);
    }

    public static string Describe(SafeMigration run)
    {
        var text = new StringBuilder($"{run.Database} on {run.Server}: {Outcome(run)}");
        foreach (var stage in run.Stages)
            text.Append($"\n  {Mark(stage.State)} {stage.Name,-10} {Screen.Time(stage.Duration),8}  {stage.Evidence.Replace("\n", "\n" + new string(' ', 27), StringComparison.Ordinal)}");
        foreach (var finding in run.Findings.Where(f => f.Severity != FindingSeverity.Info))
            text.Append($"\n  {finding.Severity.ToString().ToUpperInvariant()} {finding.AllowAs}: {finding.Message} ({finding.File}:{finding.Line})");
        foreach (var change in run.Changes)
            text.Append($"\n  {change.Table}: {Words(change)}");
        if (run.Backup is { } backup)
            text.Append($"\n  backup: {backup.Path}");
        return text.Append(Screen.Undo(run.Undo)).ToString();
    }

    private static string Outcome(SafeMigration run) => run.Outcome switch
    {
        SafeMigrationOutcome.NothingToDo => "nothing is pending",
        SafeMigrationOutcome.Planned => $"{run.Pending.Count} pending, nothing was changed",
        SafeMigrationOutcome.Applied => $"{run.Applied.Count} applied in {Screen.Time(run.Duration)}; production was locked for {Screen.Time(run.LockedFor)}",
        SafeMigrationOutcome.Refused => "refused, nothing was changed",
        SafeMigrationOutcome.RolledBack => "failed, and was completely rolled back",
        SafeMigrationOutcome.Unknown => "unknown: the connection was lost before the server confirmed the last transaction",
        SafeMigrationOutcome.Restored => "failed, and the backup was restored",
        _ => "failed; the error below shows what was committed",
    };

    private static string Words(TableChange change) => change.Gone
        ? $"dropped: {change}"
        : $"{change.Inserted:N0} inserted, {change.Updated:N0} updated, {change.Deleted:N0} deleted{(change.Exact ? "" : " (compared before and after: includes concurrent writes of other sessions)")}";

    private static string Mark(MigrationStageState state) => state switch
    {
        MigrationStageState.Done => "ok  ",
        MigrationStageState.Failed => "FAIL",
        MigrationStageState.Planned => "plan",
        _ => "-   ",
    };
}
