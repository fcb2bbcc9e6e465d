using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Audit;

/// <summary>Which entries of the log to read; not specified: all.</summary>
public sealed record LogRequest
{
    /// <summary>A folder with log files; null: that of this user.</summary>
    public string? Folder { get; init; }

    /// <summary>Only operations that started at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>Reads the log, the newest operation first.</summary>
public sealed class ReadLog : IOperation<LogRequest, IReadOnlyList<DbSafetyLogEntry>>
{
    /// <inheritdoc/>
    /// <remarks>A user who has changed nothing has no log: the result is empty.</remarks>
    public Task<IReadOnlyList<DbSafetyLogEntry>> RunAsync(LogRequest request, IOperationEvents events, CancellationToken ct)
    {
        var folder = request.Folder ?? LogFolder.Path;
        if (!Directory.Exists(folder))
            return request.Folder is null ? Task.FromResult<IReadOnlyList<DbSafetyLogEntry>>([]) : throw ErrorCatalogue.FileUnreadable.For(folder, "the folder does not exist");
        var runs = new Dictionary<Guid, (int Number, LogLine First, LogLine Last)>();
        try
        {
            foreach (var file in LogFile.In(folder))
            {
                ct.ThrowIfCancellationRequested();
                var (lines, damaged, newer) = file.Read();
                if (damaged > 0)
                    events.Warning($"{file.Path}: {damaged} {(damaged == 1 ? "line was" : "lines were")} changed by another program and cannot be read");
                if (newer > 0)
                    events.Warning($"{file.Path}: {newer} {(newer == 1 ? "line was" : "lines were")} written by a newer version of DbSafety and cannot be read");
                foreach (var line in lines)
                    runs[line.Id] = runs.TryGetValue(line.Id, out var run) ? run with { Last = line } : (runs.Count, line, line);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.FileUnreadable.Because(e, folder, e.Message);
        }

        // The order of the lines is certain; the clock can have been set back.
        var entries = runs.Values.OrderByDescending(r => r.Number).Select(r => Entry(r.First, r.Last));
        return Task.FromResult<IReadOnlyList<DbSafetyLogEntry>>([.. entries.Where(e => request.Since is not { } since || e.Time >= since)]);
    }

    private static DbSafetyLogEntry Entry(LogLine first, LogLine line) => new()
    {
        Id = line.Id,
        Time = first.Event == LogEvent.Finished && first.Seconds is { } seconds ? first.Time - TimeSpan.FromSeconds(seconds) : first.Time,
        Verb = line.Operation,
        Operation = Advice.Of(line.Operation, []).ToString(),
        Outcome = line.Outcome ?? (LoggedProcess.IsRunning(line) ? LogOutcome.Running : LogOutcome.Interrupted),
        Database = line.Database,
        Server = line.Server,
        Role = line.Role,
        User = line.User,
        Machine = line.Machine,
        ProcessId = line.ProcessId,
        Duration = line.Seconds is { } length ? TimeSpan.FromSeconds(length) : null,
        SystemIdentifier = line.SystemIdentifier,
        Sets = line.Sets ?? [],
        Tables = line.Tables,
        Rows = line.Rows,
        Bytes = line.Bytes,
        Stages = (line.StageSeconds ?? new Dictionary<string, double>()).ToDictionary(s => s.Key, s => TimeSpan.FromSeconds(s.Value)),
        Evidence = line.Evidence ?? [],
        ErrorCode = line.ErrorCode,
        Error = line.Error,
        Undo = line.Undo?.ToString(),
        Version = line.Version,
    };
}
