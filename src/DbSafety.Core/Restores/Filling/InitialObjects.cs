using System.Text.RegularExpressions;
using DbSafety.Backups.Dumps;

namespace DbSafety.Restores.Filling;

/// <summary>What every new database has, and what pg_dump before PostgreSQL 11 creates in it: the schema public and the language plpgsql.</summary>
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
        isPublicDropped |= DropPattern().IsMatch(statement);
        return LanguagePattern().IsMatch(statement) || (!isPublicDropped && PublicPattern().IsMatch(statement));
    }

    [GeneratedRegex(@"\A\s*CREATE SCHEMA public;\s*\z")]
    private static partial Regex PublicPattern();

    [GeneratedRegex(@"\A\s*DROP SCHEMA (IF EXISTS )?public\b")]
    private static partial Regex DropPattern();

    [GeneratedRegex(@"\A\s*CREATE (PROCEDURAL )?LANGUAGE plpgsql;\s*\z")]
    private static partial Regex LanguagePattern();
}
