using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Concurrency;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>The outcome of a failed run.</summary>
/// <param name="Hint">The current state of the database and what to do, for the error's hint.</param>
internal sealed record FailureEnd(SafeMigrationOutcome Outcome, string Hint);

/// <summary>
/// Stage 8, after a failure only: restores the backup where something was committed and it is proven that no other session has written since
/// the backup; otherwise reports which command restores it. After a command, that is never proven.
/// </summary>
internal static class RestoreAfterFailure
{
    private const string Stage = "restore";

    public static async Task<FailureEnd> RunAsync(SafeMigrationRun run, CancellationToken ct)
    {
        // A restore could discard committed data, and "rolled back" could be wrong: the error says what to check.
        if (run.ScriptEnd == ScriptEnd.Unknown)
        {
            run.Skip(Stage, "whether the last transaction was committed is unknown, so nothing was restored");
            return new FailureEnd(SafeMigrationOutcome.Unknown, $"Whether its last transaction was committed is unknown, so nothing was restored.{History(run)}{CommandHint(run)}");
        }

        if (run.Applied.Count == 0 && !run.HalfDone)
        {
            run.Skip(Stage, run.Request.Command is null ? "no part of the migration was committed" : "the command changed nothing");
            return new FailureEnd(SafeMigrationOutcome.RolledBack, "It was rolled back: no part of it was committed." + History(run));
        }

        var left = Left(run);
        if (run.Backup is null)
        {
            run.Skip(Stage, "this run created no backup");
            return new FailureEnd(SafeMigrationOutcome.Failed, left + History(run));
        }

        if (run.Request.OnFailure == FailureAction.Stop)
            return Stop(run, left, "");
        if (run.Request.OnFailure == FailureAction.Restore)
            return await RestoreAsync(run, left, null, ct);
        // Its sessions write like any other session, and after a short session has ended, it is unknown which program it belonged to.
        if (run.Request.Command is not null)
            return Stop(run, left, Sentence(new ConcurrentWrites.Unknown("rows written by the command cannot be distinguished from rows written by other sessions")));
        var found = await run.FindWritesAsync(run.Backup, ct);
        StepPoint.Reach("restore after failure: concurrent writes checked");
        return found is { Writes: ConcurrentWrites.None, State: { } state }
            ? await RestoreAsync(run, left, new UnchangedCondition(state, run.Backup.Manifest.Sequences, run.Request.LockTimeout), ct)
            : Stop(run, left, Sentence(found.Writes is ConcurrentWrites.None ? new ConcurrentWrites.Unknown("the database could not be read") : found.Writes));
    }

    private static string Sentence(ConcurrentWrites writes) => $" The backup was not restored automatically: {writes}. After a restore, rows written by other sessions exist only in the retained database.";

    private static FailureEnd Stop(SafeMigrationRun run, string left, string why)
    {
        run.Skip(Stage, $"the database was not restored; to restore the backup: {Command(run)}.{why}");
        return new FailureEnd(SafeMigrationOutcome.Failed, $"{left}{why}{CommandHint(run)}{History(run)}");
    }

    private static async Task<FailureEnd> RestoreAsync(SafeMigrationRun run, string left, UnchangedCondition? condition, CancellationToken ct)
    {
        var (target, backup) = (run.Request.Target, run.Backup!);
        var live = await LiveDatabase.FindAsync(target, ct);
        PgRestore? restored = null;
        try
        {
            await run.StageAsync(Stage, async () =>
            {
                await run.ReleaseAsync();
                restored = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { Condition = condition, By = MarkedBy.Migration }, run.Events, ct);
                run.UndoOfRestore = restored.Undo;
                return $"restored {backup.Path}; the database of the failed run is retained as {restored.RetainedAs}{Advanced(condition)}{Others(condition, "; ", "")}";
            });
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return await FailedAsync(run, left, live, condition, e);
        }

        if (Advanced(condition) is { Length: > 0 } advanced)
            run.Events.Warning(advanced.TrimStart(';', ' '));
        return new FailureEnd(SafeMigrationOutcome.Restored, $"The backup from before the run was restored. The database of the failed run is retained as {restored!.RetainedAs}.{Others(condition, " ", ".")}");
    }

    /// <summary>After a restore raised an error, finds out by the database's oid whether it was replaced.</summary>
    private static async Task<FailureEnd> FailedAsync(SafeMigrationRun run, string left, LiveDatabase live, UnchangedCondition? condition, Exception error)
    {
        var name = run.Request.Target.Database;
        var failed = $"the restore of {run.Backup!.Path} failed: {error.Message}";
        switch (await live.LookAsync(CancellationToken.None))
        {
            case LiveDatabase.Now.Same:
                run.Events.Warning($"{failed}; {name} was not replaced");
                return new FailureEnd(SafeMigrationOutcome.Failed, $"{left} It was not restored from the backup: {error.Message}.{CommandHint(run)}{History(run)}");
            case LiveDatabase.Now.Replaced replaced:
                run.Events.Warning($"{failed}; {name} was replaced before that");
                return new FailureEnd(SafeMigrationOutcome.Restored, $"The backup from before the run was restored, but then this error occurred: {error.Message}. {(replaced.PreviousName is { } previous ? $"The database of the failed run is {previous}.{Others(condition, " ", ".")}" : "The database of the failed run no longer exists.")}");
            case LiveDatabase.Now.Unknown unknown:
                run.Events.Warning($"{failed}; whether {name} was replaced is unknown: {unknown.Reason}");
                return new FailureEnd(SafeMigrationOutcome.Unknown, $"Whether {name} was restored from {run.Backup.Path} is unknown: {error.Message}; {unknown.Reason}. List the databases of the server: if a database named {name}_before_ with a time during this run exists, the backup was restored.{CommandHint(run)}");
            default:
                throw error;
        }
    }

    private static string Left(SafeMigrationRun run)
    {
        if (run.Request.Command is { } command)
            return $"The changes that {command} committed remain in the database.";
        var applied = run.Applied.Count == 0 ? "" : $"{string.Join(", ", run.Applied.Select(a => a.Name))} had been applied and {(run.Applied.Count == 1 ? "remains" : "remain")} applied.";
        var failed = run.ScriptEnd switch
        {
            ScriptEnd.PartsLeft => "It did not run in one transaction, and the parts that it committed remain in the database.",
            ScriptEnd.Committed => "It was committed.",
            // Where all of them were applied, what came after them failed.
            _ => run.Applied.Count == run.Pending.Count ? "" : "No part of it was committed.",
        };
        return $"{failed} {applied}".Trim();
    }

    private static string Advanced(UnchangedCondition? condition) => condition is { AdvancedSequences: { Count: > 0 } names }
        ? $"; the restore reset sequences: {string.Join(", ", names)}; values in between may have been used outside the database" : "";

    /// <summary>Without a condition it was not checked whether other sessions have written.</summary>
    private static string Others(UnchangedCondition? condition, string before, string after) =>
        condition is null ? $"{before}rows that other sessions committed after the backup exist only in that database{after}" : "";

    private static Advice Command(SafeMigrationRun run) => Advice.Of($"restore run \"{run.Backup!.Path}\" {TargetText.Options(run.Request.Target)}");

    private static string CommandHint(SafeMigrationRun run) => run.Backup is null ? "" : $" To restore the state before this run: {Command(run)}.";

    private static string History(SafeMigrationRun run) => run.IsPendingUnknown ? "" : $" Check the migration history ({run.Project.History.Name}): {Advice.Of($"migration list \"{run.Request.Path}\" {TargetText.Options(run.Request.Target)}")}";
}
