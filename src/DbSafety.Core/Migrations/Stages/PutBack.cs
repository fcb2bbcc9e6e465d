using DbSafety.Databases;
using DbSafety.Migrations.Applying;
using DbSafety.Operations;
using DbSafety.Restores;

namespace DbSafety.Migrations.Stages;

/// <summary>Stage 8, after a failure only: what PostgreSQL has not rolled back by itself is put back, or the way to do so is said.</summary>
internal static class PutBack
{
    /// <returns>How it stands now, and the hint for the error.</returns>
    public static async Task<(SafeMigrationOutcome Outcome, string Hint)> RunAsync(SafeMigrationRun run, CancellationToken ct)
    {
        if (run.Applied.Count == 0 && !run.HalfDone)
        {
            run.Skip("put back", run.Request.Command is null ? "PostgreSQL rolled the migration back; the data are as they were" : "the command left nothing behind; the data are as they were");
            return (SafeMigrationOutcome.RolledBack, "It was rolled back; the data are as they were." + Ledger(run));
        }

        // A restore could take away what was committed, and "rolled back" could be wrong: the error says where to look.
        if (run.ScriptEnd == ScriptEnd.Unknown)
        {
            run.Skip("put back", "whether the last transaction was committed is unknown, so nothing was restored");
            return (SafeMigrationOutcome.Unknown, "Whether its last transaction was committed is unknown." + Ledger(run));
        }

        var left = run.Request.Command is { } command ? $"What {command} did is still there, as far as it did not roll it back itself."
            : run.HalfDone ? "It is not one transaction, so what ran of it is still there." : $"Rolled back; before it, {string.Join(", ", run.Applied.Select(a => a.Name))} had been applied and is still there.";
        if (run.Backup is not { } backup)
        {
            run.Skip("put back", "there is no backup of this run");
            return (SafeMigrationOutcome.Failed, left + Ledger(run));
        }

        var written = run.Request.OnFailure is not null ? null : run.Request.Command is not null ? run.OthersBeside : run.Others is { } others ? await others.SinceAsync(run, ct) : null;
        if (run.Request.OnFailure == FailureAction.Stop || written is not null)
        {
            var why = written is null ? "" : $" Others have written since the backup ({written}), so it was not put back by itself.";
            run.Skip("put back", $"left as it is: {Command(run)} puts it back.{why}");
            return (SafeMigrationOutcome.Failed, $"{left}{why} To go back to before this run: {Command(run)}.{Ledger(run)}");
        }

        PgRestore? restored = null;
        await run.StageAsync("put back", async () =>
        {
            await run.ReleaseAsync();
            restored = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, run.Request.Target) { By = MarkedBy.Migration }, run.Events, ct);
            return $"restored {backup.Path}; the database of the failed run is kept as {restored.KeptAs}";
        });
        return (SafeMigrationOutcome.PutBack, $"The backup of before was restored. The database of the failed run is kept as {restored!.KeptAs}.");
    }

    private static string Command(SafeMigrationRun run) => $"dbsafety restore run \"{run.Backup!.Path}\" --database-url {run.Request.Target}";

    private static string Ledger(SafeMigrationRun run) => $" See what {run.Project.Ledger.Name} says with: dbsafety migration list \"{run.Request.Path}\" --database-url {run.Request.Target}";
}
