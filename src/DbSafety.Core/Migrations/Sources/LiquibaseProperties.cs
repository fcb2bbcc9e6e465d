using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// The values that <c>liquibase.properties</c>, changelogs and formatted SQL give <c>${name}</c> (https://docs.liquibase.com/concepts/changelogs/property-substitution.html). The first counts. Those of the
/// command line and of the environment are not known here.
/// </summary>
internal sealed partial class LiquibaseProperties(IEnumerable<(string Name, string Value)> parameters, IEnumerable<string> texts)
{
    private readonly Dictionary<string, string> values = parameters.Concat(texts.SelectMany(Of)).GroupBy(p => p.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().Value, StringComparer.Ordinal);

    /// <summary>The text with the values that are known.</summary>
    public string Replace(string text) => Reference().Replace(text, m => values.GetValueOrDefault(m.Groups[1].Value) ?? m.Value);

    /// <summary>The first that is left without a value, and its line; in comments, strings and bodies of functions it can be text. Null: there is none.</summary>
    public static (string Name, int Line)? Unknown(string text) =>
        Outside().Matches(text).FirstOrDefault(m => m.Groups["name"].Success) is { } match ? (match.Value, text.AsSpan(0, match.Index).Count('\n') + 1) : null;

    private static IEnumerable<(string Name, string Value)> Of(string text) => Property().Matches(text).Select(m => (Part(Name(), m.Value), Part(Value(), m.Value))).Where(p => p.Item1 is not null && p.Item2 is not null).Select(p => (p.Item1!, p.Item2!));

    private static string? Part(Regex regex, string property) => regex.Match(property) is { Success: true } match ? match.Groups["quoted"].Success ? match.Groups["quoted"].Value : match.Groups["plain"].Value : null;

    [GeneratedRegex(@"\$\{([^}\s]+)\}")]
    private static partial Regex Reference();

    [GeneratedRegex(@"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|(?<body>\$(?:[A-Za-z_]\w*)?\$).*?\k<body>|(?<name>\$\{[^}\s]+\})", RegexOptions.Singleline)]
    private static partial Regex Outside();

    /// <summary>In formatted SQL, XML, JSON and YAML.</summary>
    [GeneratedRegex(@"^[ \t]*--[ \t]*property\s[^\n]*|<property\s[^>]*>|""property""\s*:\s*\{[^}]*\}|^[ \t]*-[ \t]+property:[ \t]*\r?\n(?:[ \t]+(?!-)[^\n]*\n?)+", RegexOptions.Multiline)]
    private static partial Regex Property();

    [GeneratedRegex(@"\bname""?\s*[:=]\s*(?:""(?<quoted>[^""]*)""|'(?<quoted>[^']*)'|(?<plain>[^\s""',}>]+))")]
    private static partial Regex Name();

    [GeneratedRegex(@"\bvalue""?\s*[:=]\s*(?:""(?<quoted>[^""]*)""|'(?<quoted>[^']*)'|(?<plain>[^\s""',}>]+))")]
    private static partial Regex Value();
}
