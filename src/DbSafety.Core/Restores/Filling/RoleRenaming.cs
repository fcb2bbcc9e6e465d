using System.Text.RegularExpressions;
using DbSafety.Backups.Dumps;
using DbSafety.Databases;

namespace DbSafety.Restores.Filling;

/// <summary>Gives an archive's entries to other roles: their owners, and the roles that grants and policies name.</summary>
internal static class RoleRenaming
{
    public static ArchiveEntry Apply(ArchiveEntry entry, RestoreOptions options)
    {
        if (options.RoleMap.Count == 0)
            return entry;
        return entry with { Owner = options.RoleOf(entry.Owner), Definition = Definition(entry, options) };
    }

    private static string Definition(ArchiveEntry entry, RestoreOptions options) => entry.Description switch
    {
        "ACL" or "DEFAULT ACL" => Rename(entry.Definition, options),
        // CREATE POLICY name ON table [FOR …] [TO role, …] USING (…): expressions are nobody's grant.
        "POLICY" when entry.Definition.IndexOf(" USING (", StringComparison.Ordinal) is > 0 and var at => Rename(entry.Definition[..at], options) + entry.Definition[at..],
        "POLICY" when entry.Definition.IndexOf(" WITH CHECK (", StringComparison.Ordinal) is > 0 and var at => Rename(entry.Definition[..at], options) + entry.Definition[at..],
        _ => entry.Definition,
    };

    /// <summary>pg_dump writes a role behind TO, FROM or ROLE, or a comma, quoted where it must be.</summary>
    private static string Rename(string definition, RestoreOptions options)
    {
        var names = string.Join('|', options.RoleMap.Keys.SelectMany(r => new[] { SqlName.Quote(r), r }).Select(Regex.Escape));
        return Regex.Replace(
            definition,
            $@"(?<=(?:\bTO|\bFROM|\bROLE|\bBY|,)\s+)(?:{names})(?=[;,\s]|$)",
            match => SqlName.Quote(options.RoleMap[match.Value.StartsWith('"') ? match.Value[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : match.Value]));
    }
}
