using System.Management.Automation;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;

namespace DbSafety.PowerShell.Running;

/// <summary>Writes an operation's events to the streams PowerShell has for them. Pipeline thread only.</summary>
internal sealed class EventDisplay(Cmdlet cmdlet)
{
    private readonly Dictionary<string, (int Id, ProgressPace Pace)> activities = new(StringComparer.Ordinal);

    public void Show(OperationEvent next)
    {
        switch (next)
        {
            case ProgressEvent progress:
                cmdlet.WriteProgress(Record(progress));
                break;
            case MessageEvent { Level: MessageLevel.Debug, Text: var text }:
                cmdlet.WriteDebug(text);
                break;
            case MessageEvent { Level: MessageLevel.Verbose, Text: var text }:
                cmdlet.WriteVerbose(text);
                break;
            case MessageEvent { Level: MessageLevel.Warning, Text: var text }:
                cmdlet.WriteWarning(text);
                break;
            case MessageEvent { Text: var text }:
                // Like Write-Host: shown by default, and still a record that can be redirected.
                cmdlet.WriteInformation(new HostInformationMessage { Message = text }, ["PSHOST", "DbSafety"]);
                break;
            case MigrationStageEvent:
                // Its evidence is also sent as a message.
                break;
            case SafeMigrationFailedEvent { Run: var run }:
                // The error that follows has the reason; the stages show which of them completed.
                cmdlet.WriteObject(run);
                break;
            default:
                cmdlet.WriteVerbose(next.ToString());
                break;
        }
    }

    /// <summary>Removes the progress bars.</summary>
    public void Complete()
    {
        foreach (var (activity, (id, _)) in activities)
            cmdlet.WriteProgress(new ProgressRecord(id, Named(activity), "Done") { RecordType = ProgressRecordType.Completed });
        activities.Clear();
    }

    private ProgressRecord Record(ProgressEvent progress)
    {
        var (id, pace) = Activity(progress.Activity);
        pace.Take(progress);
        return new ProgressRecord(id, Named(progress.Activity), pace.Status.Length > 0 ? pace.Status : " ")
        {
            ParentActivityId = progress.Within is null ? -1 : Activity(progress.Within).Id,
            PercentComplete = pace.Fraction is { } fraction ? (int)(Math.Clamp(fraction, 0, 1) * 100) : -1,
            SecondsRemaining = pace.Left is { } left ? (int)Math.Min(left.TotalSeconds, int.MaxValue) : -1,
        };
    }

    private (int Id, ProgressPace Pace) Activity(string name)
    {
        if (!activities.TryGetValue(name, out var known))
            activities[name] = known = (activities.Count + 1, new ProgressPace());
        return known;
    }

    /// <summary>PowerShell refuses empty texts.</summary>
    private static string Named(string activity) => activity.Length > 0 ? activity : "DbSafety";
}
