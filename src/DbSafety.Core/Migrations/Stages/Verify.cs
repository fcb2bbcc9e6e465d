using System.Globalization;
using DbSafety.Errors;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;

namespace DbSafety.Migrations.Stages;

/// <summary>Stage 7: the changed rows, as counted by PostgreSQL, and whether the migration history records the applied migrations.</summary>
internal static class Verify
{
    public static async Task<string> RunAsync(SafeMigrationRun run, CancellationToken ct)
    {
        var states = await run.Project.StatesAsync(run.Connection, ct);
        var open = run.Pending.Select(p => p.Name).Except(states.Where(s => s.State == MigrationState.Applied).Select(s => s.Name), StringComparer.Ordinal).ToList();
        if (open.Count > 0 && (run.Request.Command is null || run.Project.IsRecordedByTool))
            throw ErrorCatalogue.HistoryHasProblems.For(run.Request.Target.Database, $"{string.Join(", ", open)} ran but is not recorded as applied", "Check the migration history before you run anything else.");
        if (run.Request.Command is null)
            await WarnOfOtherRunsAsync(run, ct);
        var (changes, lost) = (RunChanges.Sum(run.Applied), RunChanges.Lost(run));
        var text = changes.Count == 0 ? run.Request.Command is null ? "no rows were changed" : "no table has more or fewer rows" : string.Join("; ", changes);
        if (run.Request.Command is not null)
            text += " (compared before and after; includes changes by other sessions)";
        else if (changes.Any(c => !c.Exact))
            text += " (scripts without a transaction are compared before and after; includes changes by other sessions)";
        var gone = lost.Where(l => l.Gone).Select(l => l.ToString()).ToList();
        return gone.Count == 0 && lost.Count == 0 ? text
            : $"{text}{(gone.Count == 0 ? "" : $"; deleted as allowed: {string.Join(", ", gone)}")}; {(run.Backup is { } backup ? $"the deleted data, as of {backup.SnapshotTime.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, is in {backup.Path}{(backup.PinnedUntil is { } until ? $", pinned until {until.UtcDateTime:yyyy-MM-dd}" : "")}{(run.Since is { Exists: true } since ? string.Create(CultureInfo.InvariantCulture, $"; {since.Rows:N0} {(since.Rows == 1 ? "row" : "rows")} written after it in {since.Path}") : "")}" : "no backup contains the deleted data (the run had no backup)")}";
    }

    private static async Task WarnOfOtherRunsAsync(SafeMigrationRun run, CancellationToken ct)
    {
        foreach (var change in await run.History.ChangesAsync(run.Connection, ct))
            run.Events.Warning($"{run.Project.History.Name}: {change}; that run had read the migration history before this run locked it; compare the data with the backup");
    }
}
