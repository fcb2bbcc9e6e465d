using System.Text.RegularExpressions;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Dumps.Archives;

namespace DbSafety.Restores.Filling;

/// <summary>Objects that every new database has, and that pg_dump before PostgreSQL 11 creates anyway: the schema public, the language plpgsql, and their comments.</summary>
internal sealed partial class InitialObjects
{
    private bool isPublicDropped;

    /// <summary>The entry as newer versions of pg_dump write it, so that owner, comment and privileges are restored.</summary>
    public static ArchiveEntry Fit(ArchiveEntry entry) => Creates(entry) ? entry with { Definition = "-- *not* creating it, since initdb creates it\n" } : entry;

    public static bool Creates(ArchiveEntry entry) =>
        (entry is { Description: "SCHEMA", Tag: "public" } && PublicPattern().IsMatch(entry.Definition)) || (entry is { Description: "PROCEDURAL LANGUAGE", Tag: "plpgsql" } && LanguagePattern().IsMatch(entry.Definition));

    /// <summary>In the order of the script: with <c>--clean</c> it drops the schema first.</summary>
    public bool IsLeftOut(string statement)
    {
        isPublicDropped |= PlainHead.DropsPublic(statement.TrimStart());
        return LanguagePattern().IsMatch(statement) || IsComment(statement) || (!isPublicDropped && PublicPattern().IsMatch(statement));
    }

    /// <summary>The comment that it has already, which only its owner, often not the owner of the database, can set.</summary>
    public static bool IsComment(string statement) => CommentPattern().IsMatch(statement);

    [GeneratedRegex(@"\A\s*CREATE SCHEMA (?:public|""public"");\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PublicPattern();

    [GeneratedRegex(@"\A\s*(?i:COMMENT ON )(?:(?i:EXTENSION plpgsql IS )'PL/pgSQL procedural language'|(?i:SCHEMA public IS )'standard public schema');\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex CommentPattern();

    [GeneratedRegex(@"\A\s*CREATE (PROCEDURAL )?LANGUAGE plpgsql;\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LanguagePattern();
}
