using System.Text.RegularExpressions;

namespace DbSafety.Backups.Dumps;

/// <summary>What pg_dump writes at the head of a plain dump, and that it finished.</summary>
internal sealed partial class PlainHead
{
    public string ServerVersion { get; set; } = "";

    public string PgDumpVersion { get; set; } = "";

    /// <summary>An entry has begun, or another dump was restored earlier: nothing that follows is what <c>--clean</c> drops in a database that is not new.</summary>
    public bool HasEntries { get; set; }

    public bool IsComplete { get; set; }

    /// <summary>
    /// Whether the statement drops what the dump is about to create (<c>--clean</c>). Such objects do not exist in a new database, except the schema that every database begins with. It
    /// precedes everything else.
    /// </summary>
    public bool Cleans(string text)
    {
        if (HasEntries || IsComplete || PreamblePattern().IsMatch(text) || DropsPublic(text))
            return false;
        HasEntries = !CleanPattern().IsMatch(text);
        return !HasEntries;
    }

    /// <summary>Whether the statement drops the schema that every database begins with, alone or among others, so that the script creates it again.</summary>
    public static bool DropsPublic(string text) => PublicPattern().IsMatch(text);

    [GeneratedRegex(@"\ADROP SCHEMA (?:IF EXISTS )?(?:[^;]*, ?)?(?:public|""public"")(?= ?[,;]| CASCADE| RESTRICT)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PublicPattern();

    [GeneratedRegex(@"\A(?:(?:RE)?SET |BEGIN\b|START TRANSACTION\b|SELECT pg_catalog\.set_config\()", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PreamblePattern();

    // Large objects are unlinked, and a view that other objects need is replaced by a view without dependencies.
    [GeneratedRegex(@"\A(?:DROP |ALTER [^;']*\bDROP |SELECT (?:pg_catalog\.)?lo_unlink\(|CREATE OR REPLACE VIEW [^;']* AS\s+SELECT\s+NULL::)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CleanPattern();
}
