using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Databases.Connections.Text;

/// <summary>
/// libpq's keyword form, such as <c>host=db user=app password='a b' dbname=shop</c>
/// (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE): blanks between the pairs and around the sign,
/// single quotes around a value, a backslash before a quote or a backslash. An invalid text is not shown, because it can contain a password.
/// </summary>
internal static partial class PostgresKeywords
{
    private const string Name = "the connection string";

    /// <summary>Npgsql's form separates its pairs with semicolons; a single pair is libpq's form if its keyword is.</summary>
    public static bool IsOne(string text)
    {
        var bare = QuotedPattern().Replace(text, "''");
        return FirstPattern().Match(bare) is { Success: true } first && !SemicolonPattern().IsMatch(bare)
            && (ConnectionSettings.IsKeyword(first.Groups[1].Value) || PairPattern().Count(bare) > 1);
    }

    /// <exception cref="DbSafetyException"><c>DBS105</c>, <c>DBS124</c>.</exception>
    public static ConnectionText Parse(string text)
    {
        var settings = new ConnectionSettings(Name);
        var position = 0;
        for (var at = SkipBlanks(text, 0); at < text.Length; at = SkipBlanks(text, at))
        {
            var start = at;
            while (at < text.Length && text[at] != '=' && !IsBlank(text[at]))
                at++;
            var keyword = text[start..at];
            at = SkipBlanks(text, at);
            if (at >= text.Length || text[at] != '=')
                throw ErrorCatalogue.TargetInvalid.For(Name, "missing = after a keyword; a value with spaces requires single quotes");
            at = SkipBlanks(text, at + 1);
            (var value, at) = Value(text, at);
            settings.Add(keyword, value, position: ++position);
        }

        return new ConnectionText(settings);
    }

    private static (string Value, int End) Value(string text, int at)
    {
        var value = new StringBuilder();
        var isQuoted = at < text.Length && text[at] == '\'';
        for (at += isQuoted ? 1 : 0; at < text.Length; at++)
        {
            if (isQuoted ? text[at] == '\'' : IsBlank(text[at]))
                return (value.ToString(), at + 1);
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            value.Append(text[at]);
        }

        return isQuoted ? throw ErrorCatalogue.TargetInvalid.For(Name, "unterminated quoted string") : (value.ToString(), at);
    }

    /// <summary>As in C: for libpq, Unicode white space, such as from a web page, is part of the value.</summary>
    private static bool IsBlank(char c) => c is ' ' or (>= '\t' and <= '\r');

    private static int SkipBlanks(string text, int at)
    {
        while (at < text.Length && IsBlank(text[at]))
            at++;
        return at;
    }

    [GeneratedRegex(@"'(?:\\.|[^'\\])*'", RegexOptions.Singleline)]
    private static partial Regex QuotedPattern();

    [GeneratedRegex(@"^\s*(\w+)\s*=")]
    private static partial Regex FirstPattern();

    [GeneratedRegex(@"(?:^|\s)\w+\s*=")]
    private static partial Regex PairPattern();

    [GeneratedRegex(@";\s*(?:\w[\w ]*=|$)")]
    private static partial Regex SemicolonPattern();
}
