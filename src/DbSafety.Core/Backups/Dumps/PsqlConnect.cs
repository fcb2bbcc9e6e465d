using System.Text;
using System.Text.RegularExpressions;

namespace DbSafety.Backups.Dumps;

/// <summary>
/// A <c>\connect</c> line as psql reads it (https://www.postgresql.org/docs/current/app-psql.html): database, user, host and port, each <c>-</c> if it is unchanged, or a connection string.
/// </summary>
/// <param name="Database">Null: the current database.</param>
/// <param name="User">Null: the current user.</param>
internal sealed partial record PsqlConnect(string? Database, string? User)
{
    // \restrict and \unrestrict came in August 2025 with every minor release; earlier versions of psql know neither.
    private static readonly string[] Harmless = ["\\restrict", "\\unrestrict", "\\echo", "\\qecho", "\\pset", "\\timing", "\\set", "\\unset", "\\encoding", "\\."];

    /// <returns>Null if the line is not a \connect, or its database is unknown.</returns>
    public static PsqlConnect? Read(string line)
    {
        if (CommandPattern().Match(line) is not { Success: true } command || Arguments(line[command.Length..]) is not { Count: <= 5 } arguments)
            return null;
        var reuses = true;
        if (arguments.Count > 0 && arguments[0].StartsWith("-reuse-previous=", StringComparison.Ordinal))
        {
            reuses = arguments[0].EndsWith("=on", StringComparison.Ordinal);
            arguments.RemoveAt(0);
        }

        string? At(int place) => arguments.Count > place && arguments[place] is not ("-" or "") ? arguments[place] : null;
        if (At(0) is not { } database)
            return new PsqlConnect(null, At(1));
        if (database.StartsWith("postgres://", StringComparison.Ordinal) || database.StartsWith("postgresql://", StringComparison.Ordinal))
            return OfUrl(database);
        if (!database.Contains('=', StringComparison.Ordinal))
            return new PsqlConnect(database, At(1));
        var named = KeywordPattern().Matches(database).ToDictionary(m => m.Groups[1].Value, m => Value(m.Groups[2].Value), StringComparer.Ordinal);
        return !named.TryGetValue("dbname", out var name) && !(reuses && line.Contains("-reuse-previous=on", StringComparison.Ordinal)) ? null : new PsqlConnect(name, named.GetValueOrDefault("user"));
    }

    public static bool IsHarmless(string line) => Harmless.Contains(Name(line), StringComparer.Ordinal);

    /// <summary>The first argument of a command of psql's, where it is the command of that name.</summary>
    public static string? Argument(string line, string command) => Name(line) == command && Arguments(line[command.Length..]) is [var first, ..] ? first : null;

    private static string Name(string line) => line.Split([' ', '\t', '\r'], 2)[0];

    private static PsqlConnect? OfUrl(string url)
    {
        var match = UrlPattern().Match(url);
        var name = match.Groups["query"].Success ? match.Groups["query"].Value : match.Groups["path"].Value;
        return match.Success && name.Length > 0 ? new PsqlConnect(Uri.UnescapeDataString(name), match.Groups["user"].Value is { Length: > 0 } user ? Uri.UnescapeDataString(user) : null) : null;
    }

    /// <summary>As psql splits them: without quotes, and without semicolons after an argument.</summary>
    /// <returns>Null if it contains more than arguments: another command, a variable, a program.</returns>
    private static List<string>? Arguments(string line)
    {
        var arguments = new List<string>();
        for (var i = 0; i < line.Length;)
        {
            if (char.IsWhiteSpace(line[i]))
            {
                i++;
                continue;
            }

            var argument = new StringBuilder();
            var isQuoted = false;
            while (i < line.Length && !char.IsWhiteSpace(line[i]))
            {
                if (line[i] is '\\' or '`' || (line[i] == ':' && argument.Length == 0))
                    return null;
                if (line[i] is not ('\'' or '"'))
                {
                    argument.Append(line[i++]);
                    continue;
                }

                isQuoted = true;
                i = Quoted(line, i, argument);
                if (i < 0)
                    return null;
            }

            var text = isQuoted && line[i - 1] != ';' ? argument.ToString() : argument.ToString().TrimEnd(';');
            if (text.Length > 0 || isQuoted)
                arguments.Add(text);
        }

        return arguments;
    }

    /// <returns>The place after the closing quote; -1: there is none.</returns>
    private static int Quoted(string line, int begin, StringBuilder argument)
    {
        var quote = line[begin];
        for (var i = begin + 1; i < line.Length; i++)
        {
            if (line[i] == quote && i + 1 < line.Length && line[i + 1] == quote)
                i++;
            else if (line[i] == quote)
                return i + 1;
            else if (quote == '\'' && line[i] == '\\' && i + 1 < line.Length)
                i++;
            argument.Append(line[i]);
        }

        return -1;
    }

    private static string Value(string value) => EscapePattern().Replace(value.StartsWith('\'') ? value[1..^1] : value, "$1");

    [GeneratedRegex(@"\A\\c(?:onnect)?(?=\s|;|""|'|\z)")]
    private static partial Regex CommandPattern();

    [GeneratedRegex(@"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s\\']|\\.)*)", RegexOptions.Singleline)]
    private static partial Regex KeywordPattern();

    [GeneratedRegex(@"\\(.)", RegexOptions.Singleline)]
    private static partial Regex EscapePattern();

    [GeneratedRegex(@"\Apostgres(?:ql)?://(?:(?<user>[^:@/?]*)(?::[^@/?]*)?@)?[^/?]*(?:/(?<path>[^?]*))?(?:\?(?:[^&]*&)*?(?:dbname=(?<query>[^&]+).*|.*))?\z")]
    private static partial Regex UrlPattern();
}
