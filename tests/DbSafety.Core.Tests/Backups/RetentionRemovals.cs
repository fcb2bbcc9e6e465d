using DbSafety.Backups.Retention;
using DbSafety.Backups.Sets;

namespace DbSafety.Core.Tests.Backups;

internal static class RetentionRemovals
{
    /// <summary>The sets that the plan removes, the oldest first.</summary>
    public static IReadOnlyList<PgBackup> Of(IEnumerable<PgBackup> sets, RetentionPolicy policy, DateTimeOffset now) =>
        [.. RetentionPlan.Decide(sets, policy, now).Where(v => v.Decision == RetentionDecision.Remove).Select(v => v.Set)];
}
