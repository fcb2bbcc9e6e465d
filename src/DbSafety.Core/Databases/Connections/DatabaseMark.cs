using System.Text.Json;
using System.Text.Json.Serialization;

namespace DbSafety.Databases.Connections;

/// <summary>What a database is that DbSafety put aside or is creating.</summary>
internal enum MarkKind
{
    /// <summary>A restore replaced it.</summary>
    Before,

    /// <summary>An undo replaced it.</summary>
    Undone,

    /// <summary>A restore is filling it, or did not finish.</summary>
    Restoring,

    /// <summary>A rehearsal is using it, or did not finish.</summary>
    Rehearsal,
}

/// <summary>What created the database or put it aside.</summary>
internal enum MarkedBy
{
    Restore,
    Undo,
    Migration,
}

/// <summary>
/// The last line of a database's comment: what the database is and of which database, by the full name. A comment is part of transactions, is
/// kept when the database is renamed, and needs nothing but the database's ownership; a setting (<c>ALTER DATABASE … SET dbsafety.…</c>)
/// requires a superuser. What the user's comment says stays above it.
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

    /// <summary>The full name of the database that it was, or is to become.</summary>
    public required string Of { get; init; }

    /// <summary>The oid of the database that carries the mark. A comment that a dump took to another database says nothing about that one.</summary>
    public required uint Oid { get; init; }

    /// <summary>
    /// Of a retained database: the oid of the database that took the name, which tells which restore or undo it belongs to. Of a new one: the oid
    /// of the database it is to replace; null where there was none.
    /// </summary>
    public uint? Other { get; init; }

    public required MarkedBy By { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Subscriptions that were disabled for a swap by which this database is to take the live one's place.</summary>
    public IReadOnlyList<string>? DisabledSubscriptions { get; init; }

    /// <summary>The oid of the database that has them.</summary>
    public uint? DisabledIn { get; init; }

    /// <summary>The mark in a comment; null where there is none, or none that can be read.</summary>
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

    /// <summary>A comment without the mark: what the user wrote; null where that is nothing.</summary>
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
