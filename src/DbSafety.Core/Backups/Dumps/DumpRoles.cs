using System.Text.RegularExpressions;

namespace DbSafety.Backups.Dumps;

/// <summary>Roles that a statement of a dump names, and that must be there before it can run.</summary>
internal static partial class DumpRoles
{
    public static IEnumerable<string> NamedIn(string statement) =>
        AuthorizationPattern().Match(statement) is { Success: true } session ? [session.Groups[1].Success ? session.Groups[1].Value.Replace("''", "'", StringComparison.Ordinal) : PlainSection.Unquote(session.Groups[2].Value)]
        : !GrantPattern().IsMatch(statement) ? []
        : RolePattern().Matches(statement).Select(m => PlainSection.Unquote(m.Groups[1].Value)).Where(r => r is not ("PUBLIC" or "CURRENT_USER" or "SESSION_USER"));

    /// <summary>Whether the statement gives an object to a role or grants privileges: what pg_restore leaves out with --no-owner and --no-privileges.</summary>
    public static bool AreIn(string statement) => GrantPattern().IsMatch(statement) || statement.StartsWith("SET SESSION AUTHORIZATION ", StringComparison.OrdinalIgnoreCase);

    // As pg_dump --use-set-session-authorization writes it; DEFAULT is no role.
    [GeneratedRegex("""\ASET SESSION AUTHORIZATION (?:'((?:[^']|'')+)'|(?!DEFAULT;)("(?:[^"]|"")+"|[\w$]+));""")]
    private static partial Regex AuthorizationPattern();

    // A definition in an archive can hold several statements.
    [GeneratedRegex("""\A\s*(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES)\b|\AALTER (?:[^;'"]|"(?:[^"]|"")*")* OWNER TO """)]
    private static partial Regex GrantPattern();

    [GeneratedRegex("""\b(?:OWNER TO|FOR ROLE|TO|FROM) ("(?:[^"]|"")+"|[\w$]+)(?= WITH GRANT OPTION| GRANT| REVOKE| IN SCHEMA|;)""")]
    private static partial Regex RolePattern();
}
