using System.Text.Json;
using System.Text.Json.Serialization;

namespace DbSafety.Databases.Connections;

/// <summary>The role of a database that DbSafety retained or is creating.</summary>
internal enum MarkKind
{
    /// <summary>A restore replaced it.</summary>
    Before,

    /// <summary>An undo replaced it.</summary>
    Undone,

    /// <summary>A restore is filling it, or was interrupted.</summary>
    Restoring,

    /// <summary>A rehearsal is using it, or was interrupted.</summary>
    Rehearsal,
}

/// <summary>The operation that created or retained the database.</summary>
public enum MarkedBy
{
    /// <summary>A restore.</summary>
    Restore,

    /// <summary>The undo of a restore.</summary>
    Undo,

    /// <summary>A migration that failed and restored its backup.</summary>
    Migration,
}

/// <summary>
/// The last line of a database comment: the role of the database and the full name of the database to which it belongs. A comment is transactional, is
/// kept when the database is renamed, and requires only the ownership of the database; a setting (<c>ALTER DATABASE … SET dbsafety.…</c>)
/// requires a superuser. The user's comment stays above it.
/// </summary>
internal sealed record DatabaseMark
{
    private const string Begin = "dbsafety: {";

    /// <summary>ASCII only (other characters are escaped), so that a maintenance database of any encoding stores it.</summary>
    private static readonly JsonSerializerOptions Format = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    public required MarkKind Kind { get; init; }

    /// <summary>The full name of the database that it was, or will become.</summary>
    public required string Of { get; init; }

    /// <summary>The oid of the database that carries the mark. A comment that a dump copied to another database does not apply to that database.</summary>
    public required uint Oid { get; init; }

    /// <summary>
    /// Of a retained database: the oid of the database that took the name, which identifies its restore or undo. Of a new one: the oid
    /// of the database it will replace; null if there was none.
    /// </summary>
    public uint? Other { get; init; }

    public required MarkedBy By { get; init; }

    /// <summary>The time in the name, which determines the order of the swaps: later than that of earlier swaps, whatever the clocks show.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When a swap retained it, by the server's clock; null: an earlier version retained it, or it is being created.</summary>
    public DateTimeOffset? SwappedAt { get; init; }

    /// <summary>Since when it is retained, by the server's clock: <see cref="At"/> is read before a restore, which can take hours.</summary>
    [JsonIgnore]
    public DateTimeOffset RetainedAt => SwappedAt ?? At;

    /// <summary>Subscriptions that were disabled for a swap by which this database is to take the live one's place.</summary>
    public IReadOnlyList<string>? DisabledSubscriptions { get; init; }

    /// <summary>The oid of the database that has them.</summary>
    public uint? DisabledIn { get; init; }

    /// <summary>The mark in a comment; null if there is none, or it is not readable.</summary>
    public static DatabaseMark? Read(string? comment)
    {
        if (Start(comment) is not { } start)
            return null;
        try
        {
            return JsonSerializer.Deserialize<DatabaseMark>(comment!.AsSpan(start + Begin.Length - 1), Format);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether it is the mark of the same database from the same swap; subscriptions can have been recorded in it since.</summary>
    public bool IsSame(DatabaseMark? other) => other is not null && (Kind, Of, Oid, Other, At) == (other.Kind, other.Of, other.Oid, other.Other, other.At);

    /// <summary>A comment without the mark: the user's text; null if empty.</summary>
    public static string? Without(string? comment) => Start(comment) switch
    {
        null => comment,
        0 => null,
        var start => comment![..(start.Value - 1)],
    };

    /// <summary>The user's comment with this mark in its last line; an earlier mark is replaced.</summary>
    public string AddTo(string? comment)
    {
        var line = Begin[..^1] + JsonSerializer.Serialize(this, Format);
        return Without(comment) is { } own ? own + "\n" + line : line;
    }

    private static int? Start(string? comment)
    {
        if (comment is null)
            return null;
        var start = comment.LastIndexOf('\n') + 1;
        return comment.AsSpan(start).StartsWith(Begin, StringComparison.Ordinal) ? start : null;
    }
}
