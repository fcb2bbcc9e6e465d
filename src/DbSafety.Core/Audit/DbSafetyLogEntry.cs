using System.Text.Json.Serialization;

namespace DbSafety.Audit;

/// <summary>How an operation ended.</summary>
public enum LogOutcome
{
    /// <summary>It has not ended, and its process runs.</summary>
    Running,

    /// <summary>Its process ended without recording an outcome: it was killed, or the machine stopped.</summary>
    Interrupted,

    /// <summary>It did what it was asked to do. Of a test: the backup passed.</summary>
    Succeeded,

    /// <summary>It failed, or a verification did.</summary>
    Failed,

    /// <summary>A safety check refused it, or something that it requires was missing.</summary>
    Refused,

    /// <summary>The user cancelled it.</summary>
    Cancelled,

    /// <summary>It is unknown whether its last change was committed.</summary>
    Unknown,
}

/// <summary>A backup set that an operation created, tested, restored or removed.</summary>
/// <param name="Path">The full path of its manifest, or of a dump of another tool.</param>
/// <param name="Seal">The seal of its manifest, which identifies the set wherever it is copied to; null: a dump of another tool.</param>
public sealed record LoggedSet(string Path, string? Seal);

/// <summary>An operation in the log.</summary>
public sealed record DbSafetyLogEntry
{
    /// <summary>When it started, in UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The verb of the command line, such as <c>restore run</c>.</summary>
    [JsonIgnore]
    public string Verb { get; init; } = "";

    /// <summary>The command: a cmdlet or a verb of the command line.</summary>
    public required string Operation { get; init; }

    public required LogOutcome Outcome { get; init; }

    public string? Database { get; init; }

    /// <summary>The server as its user specified it: <c>host:port</c>, or <c>container NAME</c>.</summary>
    public string? Server { get; init; }

    /// <summary>The database role that connected.</summary>
    public string? Role { get; init; }

    /// <summary>The user of the operating system; with sudo also the user who called it.</summary>
    public required string User { get; init; }

    /// <summary>The machine that ran it.</summary>
    public required string Machine { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>Null until it has ended.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The cluster's, of a backup.</summary>
    internal string? SystemIdentifier { get; init; }

    public IReadOnlyList<LoggedSet> Sets { get; init; } = [];

    /// <summary>Tables that were backed up, compared or restored; null: not counted.</summary>
    public int? Tables { get; init; }

    public long? Rows { get; init; }

    /// <summary>Bytes of the sets on disk.</summary>
    public long? Bytes { get; init; }

    /// <summary>How long each stage of a migration took (<c>back up</c>, <c>rehearse</c>, <c>apply</c> …), and the <c>drill</c> of a test.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Stages { get; init; } = new Dictionary<string, TimeSpan>();

    /// <summary>What was done and proven, in words: migrations that were applied, rows that were deleted, the temporary server of a drill.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    public string? ErrorCode { get; init; }

    public string? Error { get; init; }

    /// <summary>The command that takes the change back; null: there is none.</summary>
    public string? Undo { get; init; }

    /// <summary>The version of DbSafety.</summary>
    public required string Version { get; init; }

    /// <summary>The identity of this run.</summary>
    public required Guid Id { get; init; }
}
