using System.Text.RegularExpressions;

namespace DbSafety.Backups.Dumps;

/// <summary>Roles that statements of a dump name, and that must exist before these can run.</summary>
internal static partial class DumpRoles
{
    /// <summary>They always exist.</summary>
    private static readonly string[] Nobody = ["PUBLIC", "CURRENT_USER", "CURRENT_ROLE", "SESSION_USER", "USER"];

    /// <param name="sql">A definition in an archive can hold several statements.</param>
    public static IEnumerable<string> NamedIn(string sql) => WordPattern().IsMatch(sql) ? StatementTokens.Split(sql).SelectMany(In) : [];

    /// <summary>Whether the statement sets the owner of an object or grants privileges: what pg_restore leaves out with --no-owner and --no-privileges.</summary>
    public static bool AreIn(string statement) => GrantPattern().IsMatch(statement) || statement.StartsWith("SET SESSION AUTHORIZATION ", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> In(StatementTokens statement)
    {
        if (statement.Skip("SET", "SESSION", "AUTHORIZATION"))
            return statement.Skip("DEFAULT") ? [] : List(statement);
        if (statement.Skip("GRANT"))
            return statement.SkipTo("TO") ? Grantees(statement) : [];
        if (statement.Skip("REVOKE"))
            return statement.SkipTo("FROM") ? Grantees(statement) : [];
        if (statement.Skip("CREATE", "SCHEMA"))
            return statement.SkipTo("AUTHORIZATION") ? List(statement).Take(1) : [];
        if (statement.Skip("CREATE", "USER", "MAPPING"))
            return statement.SkipTo("FOR") ? List(statement) : [];
        if (statement.Skip("CREATE", "POLICY") || statement.Skip("ALTER", "POLICY"))
            return OfPolicy(statement);
        if (statement.Skip("ALTER", "DEFAULT", "PRIVILEGES"))
            return OfDefaults(statement);
        return statement.Skip("ALTER") && !statement.Has("RENAME") && statement.SkipTo("OWNER") && statement.Skip("TO") ? List(statement) : [];
    }

    private static List<string> OfDefaults(StatementTokens statement)
    {
        List<string> named = statement.Skip("FOR", "ROLE") || statement.Skip("FOR", "USER") ? List(statement) : [];
        return statement.SkipTo("TO") || statement.SkipTo("FROM") ? [.. named, .. Grantees(statement)] : named;
    }

    /// <summary>Their expressions come after the roles.</summary>
    private static List<string> OfPolicy(StatementTokens statement)
    {
        while (!statement.IsAtEnd && !statement.Skip("USING") && !statement.Skip("WITH"))
        {
            if (statement.Skip("TO"))
                return List(statement);
            statement.Take();
        }

        return [];
    }

    private static List<string> Grantees(StatementTokens statement)
    {
        var named = List(statement);
        return statement.SkipTo("GRANTED") && statement.Skip("BY") ? [.. named, .. List(statement)] : named;
    }

    private static List<string> List(StatementTokens statement)
    {
        var named = new List<string>();
        do
        {
            statement.Skip("GROUP");
            if (!Nobody.Any(n => statement.Skip(n)))
                named.Add(statement.Take());
        }
        while (statement.Skip(","));
        return named;
    }

    [GeneratedRegex("""\b(?:GRANT|REVOKE|OWNER|POLICY|MAPPING|AUTHORIZATION|PRIVILEGES)\b""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WordPattern();

    [GeneratedRegex("""\A\s*(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES)\b|\AALTER (?:[^;'"]|"(?:[^"]|"")*")* OWNER TO """)]
    private static partial Regex GrantPattern();
}
