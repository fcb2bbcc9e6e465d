using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;

namespace DbSafety.Databases;

/// <summary>
/// The names of retained and temporary databases, shortened to 63 bytes by DbSafety, never by the server. A shortened name contains a part of the
/// full name's hash, so that databases with a common beginning do not compete for names. Names are for people: the kind of a database is in its
/// <see cref="DatabaseMark"/>.
/// </summary>
internal static class RetainedNames
{
    private const int HashLength = 8;

    /// <summary>The longest character of any server encoding; the maintenance database need not be in UTF-8.</summary>
    private const int LongestCharacter = 4;

    /// <summary>Cutting a character may leave that many bytes unused.</summary>
    private const int LostByCut = LongestCharacter - 1;

    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    public static string Of(string database, MarkKind kind, DateTimeOffset at) => Shorten(database, Word(kind) + at.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));

    /// <summary>Such a name for a person, with a placeholder for the time.</summary>
    public static string Pattern(string database, MarkKind kind) => Of(database, kind, DateTimeOffset.UnixEpoch)[..^TimeLength] + "<time>";

    /// <summary>All names that a restore of the database could use at that time.</summary>
    public static string[] All(string database, DateTimeOffset at) => [.. Enum.GetValues<MarkKind>().Select(kind => Of(database, kind, at))];

    /// <summary>The time in a name without a mark, if it is the name of this kind and database and of no other.</summary>
    public static DateTimeOffset? TimeOf(string name, string database, MarkKind kind) =>
        // Names of this length may be cut from the name of a longer database.
        Encoding.UTF8.GetByteCount(name) < SqlName.MaxBytes - LostByCut && name.StartsWith(database + Word(kind), StringComparison.Ordinal)
            ? Time(name[(database.Length + Word(kind).Length)..])
            : null;

    /// <summary>Whether an unmarked database could be one of this kind and database, by a name that an earlier version shortened.</summary>
    public static bool CouldBe(string name, string database, MarkKind kind) =>
        TimeOf(name, database, kind) is null && Time(name[Math.Max(0, name.Length - TimeLength)..]) is { } at
        && (name == SqlName.WithSuffix(database, Word(kind) + at.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)) || name == Of(database, kind, at));

    /// <summary>Whether it is the name that a database of this kind gets.</summary>
    public static bool Is(string name, string database, MarkKind kind) =>
        name.Length > TimeLength && Time(name[^TimeLength..]) is { } at && name == Of(database, kind, at);

    /// <summary>The valid mark of a database; null if it has none, or if the user has renamed the database and can use it by its new name.</summary>
    public static DatabaseMark? MarkOf(string name, uint oid, string? comment) =>
        DatabaseMark.Read(comment) is { } mark && mark.Oid == oid && name == Of(mark.Of, mark.Kind, mark.At) ? mark : null;

    private static int TimeLength => "yyyyMMddTHHmmssZ".Length;

    private static string Word(MarkKind kind) => kind switch
    {
        MarkKind.Before => "_before_",
        MarkKind.Undone => "_undone_",
        MarkKind.Restoring => "_restoring_",
        _ => "_rehearsal_",
    };

    private static string Shorten(string database, string suffix)
    {
        if (Bytes(database) + suffix.Length <= SqlName.MaxBytes)
            return database + suffix;
        var hash = "_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(database)))[..HashLength];
        var kept = database;
        while (Bytes(kept) + hash.Length + suffix.Length > SqlName.MaxBytes)
            kept = kept[..^(kept.Length > 1 && char.IsLowSurrogate(kept[^1]) ? 2 : 1)];
        return kept + hash + suffix;
    }

    /// <summary>Bytes that the name takes at most in any server encoding.</summary>
    private static int Bytes(string name) => name.EnumerateRunes().Sum(r => r.IsAscii ? 1 : LongestCharacter);

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
