using System.Diagnostics;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Audit;

/// <summary>What an operation is going to change.</summary>
/// <param name="Verb">The verb of the command line.</param>
internal sealed record LogSubject(string Verb)
{
    public string? Database { get; init; }

    public string? Server { get; init; }

    public string? Role { get; init; }

    /// <summary>Only checks, or shows a plan: it is not recorded.</summary>
    public bool IsPlan { get; init; }
}

/// <summary>What an operation did.</summary>
internal sealed record LogResult
{
    public LogOutcome Outcome { get; init; } = LogOutcome.Succeeded;

    /// <summary>If it was not known before.</summary>
    public string? Database { get; init; }

    /// <summary>The cluster's, of a backup.</summary>
    public string? SystemIdentifier { get; init; }

    public IReadOnlyList<LoggedSet> Sets { get; init; } = [];

    public int? Tables { get; init; }

    public long? Rows { get; init; }

    public long? Bytes { get; init; }

    public IReadOnlyDictionary<string, TimeSpan> Stages { get; init; } = new Dictionary<string, TimeSpan>();

    public IReadOnlyList<string> Evidence { get; init; } = [];

    public Advice? Undo { get; init; }
}

/// <summary>
/// The audit log: a line before an operation changes anything, and a line after it. An operation within another one is part of that one. A log that cannot be written does
/// not stop a backup or a restore: it is a warning.
/// </summary>
internal static class AuditLog
{
    private static readonly AsyncLocal<bool> IsWithin = new();

    private static readonly string Version = typeof(AuditLog).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <param name="describe">What is recorded of the result.</param>
    public static Task<T> RecordAsync<T>(LogSubject subject, IOperationEvents events, Func<IOperationEvents, Task<T>> operation, Func<T, LogResult> describe) =>
        RecordAsync(subject, events, operation, describe, _ => null);

    /// <param name="describe">What is recorded of the result.</param>
    /// <param name="failed">What an event reveals of an operation that is about to throw.</param>
    public static async Task<T> RecordAsync<T>(LogSubject subject, IOperationEvents events, Func<IOperationEvents, Task<T>> operation, Func<T, LogResult> describe, Func<OperationEvent, LogResult?> failed)
    {
        if (subject.IsPlan || IsWithin.Value)
            return await operation(events);
        IsWithin.Value = true;
        var (clock, watch) = (Stopwatch.StartNew(), new Watch(events, failed));
        var started = Start(subject);
        Write(started, events);
        StepPoint.Reach("log: started");
        T result;
        try
        {
            result = await operation(watch);
        }
        catch (Exception e)
        {
            Write(Finish(started, clock.Elapsed, (watch.Failed ?? new LogResult()) with { Outcome = OutcomeOf(e) }, e), events);
            throw;
        }

        // What has succeeded is not a failure because of its record.
        Write(Finish(started, clock.Elapsed, describe(result), null), events);
        return result;
    }

    private static void Write(LogLine line, IOperationEvents events)
    {
        try
        {
            var folder = LogFolder.Create();
            LogFile.Of(folder, line.Time).Append(line.Write());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            events.Warning($"the log in {LogFolder.Path} cannot be written: {e.Message}. This operation {(line.Event == LogEvent.Started ? "is" : "was")} not recorded.");
        }
    }

    private static LogLine Start(LogSubject subject) => new()
    {
        Id = Guid.CreateVersion7(),
        Event = LogEvent.Started,
        Time = Now(),
        Operation = subject.Verb,
        Database = subject.Database,
        Server = subject.Server,
        Role = subject.Role,
        User = Environment.GetEnvironmentVariable("SUDO_USER") is { Length: > 0 } caller && caller != Environment.UserName ? $"{Environment.UserName} (sudo by {caller})" : Environment.UserName,
        Machine = Environment.MachineName,
        ProcessId = Environment.ProcessId,
        ProcessStart = LoggedProcess.Start(Environment.ProcessId) ?? default,
        ProcessKey = LoggedProcess.Key(Environment.ProcessId),
        Version = Version,
    };

    private static LogLine Finish(LogLine started, TimeSpan duration, LogResult result, Exception? error) => started with
    {
        Event = LogEvent.Finished,
        Time = Now(),
        Seconds = Math.Round(duration.TotalSeconds, 3),
        Outcome = result.Outcome,
        Database = started.Database ?? result.Database,
        SystemIdentifier = result.SystemIdentifier,
        Sets = result.Sets.Count == 0 ? null : result.Sets,
        Tables = result.Tables,
        Rows = result.Rows,
        Bytes = result.Bytes,
        StageSeconds = result.Stages.Count == 0 ? null : result.Stages.ToDictionary(s => s.Key, s => Math.Round(s.Value.TotalSeconds, 3)),
        Evidence = result.Evidence.Count == 0 ? null : [.. result.Evidence.Select(Secrets.Mask)],
        ErrorCode = error is DbSafetyException known ? known.Code : error?.GetType().Name,
        Error = error is null ? null : Secrets.Mask(error.Message),
        Undo = LoggedCommand.Of(result.Undo),
    };

    private static LogOutcome OutcomeOf(Exception e) => e switch
    {
        DbSafetyException { Definition: var d } when ErrorCatalogue.UnknownOutcomes.Contains(d) => LogOutcome.Unknown,
        OperationCanceledException or DbSafetyException { Kind: ErrorKind.Cancelled } => LogOutcome.Cancelled,
        DbSafetyException { Kind: ErrorKind.Refused or ErrorKind.Usage or ErrorKind.Missing } => LogOutcome.Refused,
        _ => LogOutcome.Failed,
    };

    /// <summary>In milliseconds, so that a line is the same when it is read.</summary>
    private static DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());

    private sealed class Watch(IOperationEvents events, Func<OperationEvent, LogResult?> failed) : IOperationEvents
    {
        public LogResult? Failed { get; private set; }

        public void Raise(OperationEvent operationEvent)
        {
            Failed = failed(operationEvent) ?? Failed;
            events.Raise(operationEvent);
        }
    }
}
