using DbSafety.Audit;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Databases.Connections;

/// <summary>How long the last successful run of an operation on a database took, according to the log of this user: an estimate of the next.</summary>
public static class PastDuration
{
    /// <param name="verb">The verb of the command line, such as <c>restore run</c>.</param>
    /// <param name="what">What it is called, such as <c>restore</c>.</param>
    /// <param name="stage">Only this stage of it, such as <c>rehearse</c>; null: the whole run.</param>
    /// <returns><c>the last restore took 4.2 s</c>; null: the log has no such run.</returns>
    public static async Task<string?> TextAsync(DatabaseTarget target, string verb, string what, string? stage = null)
    {
        var subject = target.Log(verb);
        try
        {
            var log = await new ReadLog().RunAsync(new LogRequest(), OperationEvents.None, CancellationToken.None);
            var last = log.FirstOrDefault(e => e.Outcome == LogOutcome.Succeeded && e.Verb == verb && e.Database == subject.Database && e.Server == subject.Server
                // A run that counted no rows found a backup that was recent enough.
                && (stage is null ? e.Rows is not null : e.Stages.ContainsKey(stage)));
            return (stage is null ? last?.Duration : last?.Stages[stage]) is { } duration ? $"the last {what} took {DurationText.Of(duration)}" : null;
        }
        catch (DbSafetyException)
        {
            // It is only an estimate: the operation itself warns if the log cannot be used.
            return null;
        }
    }
}
