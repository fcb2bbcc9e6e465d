using DbSafety.Audit;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Backups.Sets;

/// <summary>The last test of a set that the log has.</summary>
internal static class LastTest
{
    /// <summary>The stage of a drill in the log.</summary>
    public const string DrillStage = "drill";

    /// <summary>The sets, each with what its last test found. A log that cannot be read is a warning.</summary>
    public static async Task<IReadOnlyList<PgBackup>> MarkAsync(IReadOnlyList<PgBackup> sets, IOperationEvents events, CancellationToken ct)
    {
        try
        {
            var log = await new ReadLog().RunAsync(new LogRequest(), events, ct);
            return Mark(sets, log);
        }
        catch (DbSafetyException e)
        {
            events.Warning($"it is unknown which backups failed their last test: {e.Message}");
            return sets;
        }
    }

    /// <param name="log">The newest first.</param>
    public static IReadOnlyList<PgBackup> Mark(IReadOnlyList<PgBackup> sets, IReadOnlyList<DbSafetyLogEntry> log)
    {
        var tests = log.Where(e => e is { Verb: "backup test", Outcome: LogOutcome.Succeeded or LogOutcome.Failed }).ToList();
        return [.. sets.Select(s => s with { FailedLastTest = HasFailed(s, tests) })];
    }

    /// <summary>
    /// The last test of this copy decides, because a set can be repaired; of a copy that was never tested the last test of the others. A test that cannot read the manifest
    /// records only the path. A failed drill concerns all copies, and only a drill that passes shows that the set can be restored.
    /// </summary>
    private static bool HasFailed(PgBackup set, List<DbSafetyLogEntry> tests)
    {
        var copies = tests.Where(e => e.Sets.Any(s => s.Seal is { } seal && seal == set.Manifest.Seal)).ToList();
        var last = tests.FirstOrDefault(e => e.Sets.Any(s => s.Path == set.Path && (s.Seal is null || s.Seal == set.Manifest.Seal))) ?? copies.FirstOrDefault();
        var drill = copies.FirstOrDefault(e => e.Stages.ContainsKey(DrillStage));
        return last?.Outcome == LogOutcome.Failed || drill?.Outcome == LogOutcome.Failed;
    }
}
