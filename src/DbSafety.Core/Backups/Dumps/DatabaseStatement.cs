using System.Text.RegularExpressions;

namespace DbSafety.Backups.Dumps;

/// <summary>Recognizes statements about databases by name: they refer to another database if a dump is restored to a new database.</summary>
internal static partial class DatabaseStatement
{
    public static bool Is(string sql)
    {
        if (!FirstPattern().IsMatch(sql) || StatementTokens.Split(sql).FirstOrDefault() is not { } statement)
            return false;
        if (statement.Skip("CREATE") || statement.Skip("DROP"))
            return statement.Skip("DATABASE");
        if (statement.Skip("COMMENT", "ON"))
            return statement.Skip("DATABASE");
        if (!statement.Skip("ALTER"))
            return statement.Has("ON", "DATABASE");
        return statement.Skip("DATABASE") || ((statement.Skip("ROLE") || statement.Skip("USER")) && statement.Take().Length > 0 && statement.Skip("IN", "DATABASE"));
    }

    [GeneratedRegex(@"\A\s*(?:(?:CREATE|DROP) DATABASE|ALTER (?:DATABASE|ROLE|USER)|COMMENT ON DATABASE|SECURITY LABEL|GRANT|REVOKE)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FirstPattern();
}
