using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using DbSafety.Errors;

namespace DbSafety.Audit;

/// <summary>A line of the log: an operation has started, or has ended. Its format is <c>docs/log.schema.json</c>.</summary>
internal sealed record LogLine
{
    public const int CurrentFormat = 1;

    /// <summary>No line breaks, and no member that another version has not written is required.</summary>
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    public int Format { get; init; } = CurrentFormat;

    public required Guid Id { get; init; }

    public required LogEvent Event { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>Both lines have it: the other one can be in the file of another month, which was deleted.</summary>
    public required string Operation { get; init; }

    public string? Database { get; init; }

    public string? Server { get; init; }

    public string? Role { get; init; }

    public required string User { get; init; }

    public required string Machine { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>When the process started: process ids are used again.</summary>
    public required DateTimeOffset ProcessStart { get; init; }

    /// <summary>On Linux: what identifies the process regardless of the clock, which can be changed while it runs.</summary>
    public string? ProcessKey { get; init; }

    public required string Version { get; init; }

    /// <summary>The cluster's, of a backup.</summary>
    public string? SystemIdentifier { get; init; }

    public IReadOnlyList<LoggedSet>? Sets { get; init; }

    public LogOutcome? Outcome { get; init; }

    public double? Seconds { get; init; }

    public int? Tables { get; init; }

    public long? Rows { get; init; }

    public long? Bytes { get; init; }

    /// <summary>Seconds of each stage: of a migration, and the <c>drill</c> of a test.</summary>
    public IReadOnlyDictionary<string, double>? StageSeconds { get; init; }

    public IReadOnlyList<string>? Evidence { get; init; }

    public string? ErrorCode { get; init; }

    public string? Error { get; init; }

    public LoggedCommand? Undo { get; init; }

    /// <summary>One line, without a password.</summary>
    public string Write() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <summary>Null: it is not a line of the log.</summary>
    public static LogLine? Read(ReadOnlySpan<byte> text)
    {
        try
        {
            return JsonSerializer.Deserialize<LogLine>(text, Json) is { IsPlausible: true } line ? line : null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether a newer version has written it, in a format that this one does not know.</summary>
    public static bool IsNewer(ReadOnlySpan<byte> text)
    {
        try
        {
            return JsonSerializer.Deserialize<LineFormat>(text, Json)?.Format > CurrentFormat;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Numbers that are no times, and lists without values, are damage.</summary>
    private bool IsPlausible => Format == CurrentFormat && Operation.Length > 0 && Time.Year is > 2000 and < 9000
        && IsTime(Seconds) && (StageSeconds?.Values.All(s => IsTime(s)) ?? true)
        && Sets?.Contains(null!) != true && Evidence?.Contains(null!) != true && Undo?.Words.Any(w => w is null or { Option: "" }) != true;

    /// <summary>In seconds, at most some thirty years.</summary>
    private static bool IsTime(double? seconds) => seconds is null or (>= 0 and <= 1e9);

    private sealed record LineFormat(int Format);
}

/// <summary>Which of its two lines it is.</summary>
internal enum LogEvent
{
    Started,
    Finished,
}

/// <summary>An <see cref="Advice"/>, as data: each front end shows its own command.</summary>
internal sealed record LoggedCommand(string Verb, IReadOnlyList<AdviceWord> Words)
{
    public static LoggedCommand? Of(Advice? advice) => advice?.Verb is { } verb ? new LoggedCommand(verb, advice.Words) : null;

    public override string ToString() => Advice.Of(Verb, Words).ToString();
}
