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
        var runs = new Dictionary<Guid, DbSafetyLogEntry>();
        try
        {
            foreach (var file in LogFile.In(folder))
            {
                ct.ThrowIfCancellationRequested();
                var (lines, damaged) = file.Read();
                if (damaged > 0)
                    events.Warning($"{file.Path}: {damaged} {(damaged == 1 ? "line was" : "lines were")} changed by another program and cannot be read");
                foreach (var line in lines)
                    runs[line.Id] = Entry(line, runs.GetValueOrDefault(line.Id));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.FileUnreadable.Because(e, folder, e.Message);
        }

        return Task.FromResult<IReadOnlyList<DbSafetyLogEntry>>([.. runs.Values.Where(r => request.Since is not { } since || r.Time >= since).OrderByDescending(r => r.Time).ThenByDescending(r => r.Id)]);
    }

    private static DbSafetyLogEntry Entry(LogLine line, DbSafetyLogEntry? started) => new()
    {
        Id = line.Id,
        Time = started?.Time ?? (line.Seconds is { } seconds ? line.Time - TimeSpan.FromSeconds(seconds) : line.Time),
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
