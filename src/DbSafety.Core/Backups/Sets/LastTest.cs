using DbSafety.Audit;

namespace DbSafety.Backups.Sets;

/// <summary>The last test of a set that the log has.</summary>
internal static class LastTest
{
    /// <summary>The last test decides: a set can be repaired. A test that cannot read the manifest records only the path.</summary>
    /// <param name="log">The newest first.</param>
    public static bool HasFailed(PgBackup set, IReadOnlyList<DbSafetyLogEntry> log) =>
        log.FirstOrDefault(e => e is { Verb: "backup test", Outcome: LogOutcome.Succeeded or LogOutcome.Failed } && e.Sets.Any(s => s.Seal is { } seal ? seal == set.Manifest.Seal : s.Path == set.Path))?.Outcome == LogOutcome.Failed;
}
