using DbSafety.Audit;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Databases.Connections;

/// <summary>How long the last successful run of an operation on a database took, according to the log of this user: an estimate of the next.</summary>
public static class PastDuration
{
    /// <param name="verb">The verb of the command line, such as <c>restore run</c>.</param>
    /// <param name="stages">Only these stages of it, such as <c>rehearse</c>; none: the whole run.</param>
    /// <returns>Null: the log has no such run.</returns>
    public static async Task<TimeSpan?> FindAsync(DatabaseTarget target, string verb, params string[] stages)
    {
        var subject = target.Log(verb);
        try
        {
            var log = await new ReadLog().RunAsync(new LogRequest(), OperationEvents.None, CancellationToken.None);
            var last = log.FirstOrDefault(e => e.Outcome == LogOutcome.Succeeded && e.Verb == verb && e.Database == subject.Database && e.Server == subject.Server && Array.TrueForAll(stages, e.Stages.ContainsKey));
            return stages.Length == 0 || last is null ? last?.Duration : TimeSpan.FromSeconds(stages.Sum(s => last.Stages[s].TotalSeconds));
        }
        catch (DbSafetyException)
        {
            // It is only an estimate: the operation itself warns if the log cannot be used.
            return null;
        }
    }
}
