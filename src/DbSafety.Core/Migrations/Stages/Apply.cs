using DbSafety.Errors;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;

namespace DbSafety.Migrations.Stages;

/// <summary>Stage 6: applies the migrations to production, one after another.</summary>
internal static class Apply
{
    public static async Task<string> RunAsync(SafeMigrationRun run, CancellationToken ct)
    {
        var target = run.Request.Target;
        var coverage = await Coverage.ResolveAsync(run.Connection, run.Allowed, isExact: run.Request.SkipRehearsal, ct);
        await coverage.CheckStillHarmlessAsync(run.Connection, ct);
        await using var applier = new MigrationApplier(new MigrationApplierSettings(run.Project, target, run.Connection, coverage, run.Settings, run.History) { Own = run.Own, Since = run.Since, CountsValues = run.Request.SkipRehearsal }, run.Events);
        foreach (var file in run.Pending)
        {
            run.Events.Progress($"Migrating {target.Database}", file.Name, (double)run.Applied.Count / run.Pending.Count);
            var done = await OneAsync(run, applier, file, ct);
            run.Applied.Add(done);
            StepPoint.Reach("migration run: script applied");
            foreach (var hidden in done.HiddenUpdates)
                run.Events.Warning($"{done.Name} updated {hidden.Updated:N0} {(hidden.Updated == 1 ? "row" : "rows")} of {hidden.Table}, although no statement of the script names that table in an UPDATE");
            foreach (var table in done.HiddenRewrites)
                run.Events.Warning($"{done.Name} rewrote {table}, although no statement of the script names that table; the values before and after were not compared");
            if (done.Losses.Count == 0)
                continue;
            run.ScriptEnd = ScriptEnd.Committed;
            PinnedBackup.Decide(run, more: true);
            throw ErrorCatalogue.LossCommitted.For(target.Database, string.Join("; ", done.Losses), $"{file.Name} could not run in a transaction, so its changes are committed.");
        }

        await run.ReconnectAsync();
        return string.Join("; ", run.Applied.Select(a => a.Evidence));
    }

    private static async Task<AppliedScript> OneAsync(SafeMigrationRun run, MigrationApplier applier, MigrationFile file, CancellationToken ct)
    {
        try
        {
            return await applier.ApplyAsync(file, ct);
        }
        catch
        {
            run.ScriptEnd = applier.End;
            await run.ReconnectAsync();
            throw;
        }
    }
}
