using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// What ends a statement of a change set, besides the semicolons that the server reads: <c>endDelimiter</c>, and without one <c>GO</c> and <c>/</c> at the beginning of a line
/// (liquibase-core, StringUtil.processMultiLineSQL).
/// </summary>
internal sealed partial class LiquibaseDelimiter
{
    /// <summary>Strings, names, comments and bodies of functions: a delimiter in them ends nothing that the server would take.</summary>
    private const string Passed = @"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|""[^""]*""";

    private const string Body = @"|(?<body>\$(?:[A-Za-z_]\w*)?\$).*?\k<body>";

    private readonly Regex? delimiter;

    private LiquibaseDelimiter(string? pattern, bool hasDollars = false) =>
        delimiter = pattern is null ? null : new Regex($"{Passed}{(hasDollars ? "" : Body)}|(?<end>{pattern})", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));

    /// <param name="end">As the change set has it; null: it has none. Liquibase takes longer ones for regular expressions.</param>
    /// <returns>Null: it cannot be read.</returns>
    public static LiquibaseDelimiter? Of(string? end)
    {
        if (end is null)
            return new LiquibaseDelimiter(@"^[ \t]*(?:go\b|/)");
        if (end.Length == 1)
            return new LiquibaseDelimiter(end == ";" ? null : end == "/" ? "^[ \\t]*/" : Literal(end), end == "$");
        var plain = LineEnds().Replace(end, "");
        if (plain.Length == 0 || Operators().IsMatch(plain))
            return null;
        plain = Escape().Replace(plain, "$1");
        return new LiquibaseDelimiter(plain.Trim(';').Length == 0 ? null : plain == "/" ? "^[ \\t]*/" : Literal(plain), plain.Contains('$', StringComparison.Ordinal));
    }

    /// <summary>Every line and column stays where it is.</summary>
    public string ToSemicolons(string text) => delimiter is null ? text : delimiter.Replace(text, m => m.Groups["end"].Success ? ";".PadLeft(m.Length) : m.Value);

    private static string Literal(string text) => $"{(char.IsLetterOrDigit(text[0]) ? @"(?<![\w$])" : "")}{Regex.Escape(text)}{(char.IsLetterOrDigit(text[^1]) ? @"(?![\w$])" : "")}";

    [GeneratedRegex(@"^(?:\\[nrst][*+?]?|\^)+|(?:\\[nrst][*+?]?)+$")]
    private static partial Regex LineEnds();

    [GeneratedRegex(@"(?<!\\)[*+?|()\[\].^{}]|\\[A-Za-z0-9]")]
    private static partial Regex Operators();

    [GeneratedRegex(@"\\(\W)")]
    private static partial Regex Escape();
}
