using System.Text;

namespace DbSafety.Databases.Tables;

/// <summary>
/// A pattern of psql and pg_dump (https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-PATTERNS): <c>*</c> and
/// <c>?</c>, quotes that keep case and characters as they are, a dot between schema and name, and PostgreSQL's regular expressions for
/// the rest. Both parts are converted to regular expressions for the server, as PostgreSQL's <c>patternToSQLRegex</c> does.
/// </summary>
/// <param name="Schema">Null if the pattern has no schema: then it matches only relations that are visible in the search path.</param>
internal sealed record NamePattern(string? Schema, string Name)
{
    private const string Special = "|*+?()[]{}.^$\\";

    /// <summary>Null if the pattern has too many parts.</summary>
    public static NamePattern? Parse(string pattern)
    {
        var parts = Parts(pattern);
        return parts.Count switch
        {
            1 => new NamePattern(null, parts[0]),
            2 => new NamePattern(parts[0], parts[1]),
            _ => null,
        };
    }

    private static List<string> Parts(string pattern)
    {
        var parts = new List<string>();
        var (part, quoted) = (new StringBuilder(), false);
        for (var i = 0; i < pattern.Length; i++)
        {
            var (c, next) = (pattern[i], i + 1 < pattern.Length ? pattern[i + 1] : '\0');
            if (c == '"' && quoted && next == '"')
            {
                part.Append('"');
                i++;
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == '.' && !quoted)
            {
                parts.Add($"^({part})$");
                part.Clear();
            }
            else
            {
                part.Append(quoted ? Literal(c) : Unquoted(c, next));
            }
        }

        return [.. parts, $"^({part})$"];
    }

    private static string Literal(char c) => Special.Contains(c, StringComparison.Ordinal) ? "\\" + c : c.ToString();

    private static string Unquoted(char c, char next) => c switch
    {
        '*' => ".*",
        '?' => ".",
        '$' => "\\$", // part of names, so never the end of a line
        '[' when next == ']' => "\\[", // an array type's name
        >= 'A' and <= 'Z' => char.ToLowerInvariant(c).ToString(),
        _ => c.ToString(),
    };
}
