using System.Text.RegularExpressions;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Restores.Creation;

namespace DbSafety.Restores.Filling;

/// <summary>Maps an archive's entries to other roles: their owners, and the roles that grants, policies and user mappings name.</summary>
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
        // CREATE POLICY name ON table [FOR …] [TO role, …] [USING (…)] [WITH CHECK (…)]: expressions are not grants.
        "POLICY" => RenameBefore(entry.Definition, options, " USING (", " WITH CHECK ("),
        // CREATE USER MAPPING FOR role SERVER name [OPTIONS (…)].
        "USER MAPPING" => RenameBefore(entry.Definition, options, " SERVER "),
        _ => entry.Definition,
    };

    private static string RenameBefore(string definition, RestoreOptions options, params string[] ends)
    {
        var end = ends.Select(e => definition.IndexOf(e, StringComparison.Ordinal)).Where(at => at > 0).DefaultIfEmpty(definition.Length).Min();
        return Rename(definition[..end], options) + definition[end..];
    }

    /// <summary>pg_dump writes a role after TO, FROM, ROLE, BY, AUTHORIZATION, MAPPING FOR or a comma, quoted where it must be.</summary>
    private static string Rename(string definition, RestoreOptions options)
    {
        var names = string.Join('|', options.RoleMap.Keys.SelectMany(r => new[] { SqlName.Quote(r), r }).Select(Regex.Escape));
        return Regex.Replace(
            definition,
            $@"(?<=(?:\bTO|\bFROM|\bROLE|\bBY|\bAUTHORIZATION|\bMAPPING FOR|,)\s+)(?:{names})(?=[;,\s]|$)",
            match => SqlName.Quote(options.RoleMap[match.Value.StartsWith('"') ? match.Value[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : match.Value]));
    }
}
