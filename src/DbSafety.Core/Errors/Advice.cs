using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

namespace DbSafety.Errors;

/// <summary>
/// Advice to use a command of DbSafety, or some of its options, as data. Its text is that of the front end that runs: a command line or a cmdlet. Commands of
/// other programs are never advice.
/// </summary>
public sealed partial class Advice
{
    private Advice(string? verb, IReadOnlyList<AdviceWord> words) => (Verb, Words) = (verb, words);

    /// <summary>Set once, by the front end.</summary>
    public static IAdviceDialect Dialect { get; set; } = new CommandLineAdvice();

    /// <summary>Such as <c>backup create</c>; null: options only.</summary>
    public string? Verb { get; }

    public IReadOnlyList<AdviceWord> Words { get; }

    /// <param name="command">
    /// A verb with its values and options, such as <c>backup create --container "{name}"</c>, or options only. A value is quoted if the text quotes it, as the front end
    /// requires; another advice is inserted, and null is left out.
    /// </param>
    public static Advice Of(FormattableString command) => Read(command.Format, command.GetArguments());

    /// <summary>A verb with its values and options.</summary>
    internal static Advice Of(string verb, IReadOnlyList<AdviceWord> words) => new(verb, words);

    /// <summary><c>--allow</c> for each of them.</summary>
    public static Advice Allow(IEnumerable<string> allowances) => new(null, [.. allowances.Distinct(StringComparer.Ordinal).Select(a => new AdviceWord("allow", a, '\''))]);

    /// <summary>Formats a composite format in which advice is marked by braces: <c>{--skip-rehearsal}</c>, <c>{dbsafety migration resolve "{1}"}</c>.</summary>
    internal static string Format(string format, params object?[] arguments)
    {
        var text = new StringBuilder();
        var at = 0;
        foreach (var mark in Marks().Matches(format).Cast<Match>())
        {
            text.AppendFormat(CultureInfo.InvariantCulture, format[at..mark.Index], arguments).Append(Read(mark.Groups["command"].Value, arguments));
            at = mark.Index + mark.Length;
        }

        return text.AppendFormat(CultureInfo.InvariantCulture, format[at..], arguments).ToString();
    }

    /// <summary>The advice that a composite format contains.</summary>
    internal static IEnumerable<Advice> In(string format) => Marks().Matches(format).Select(m => Of(FormattableStringFactory.Create(m.Groups["command"].Value, [.. Enumerable.Repeat("X", 10)])));

    public override string ToString() => Dialect.Render(this);

    private static Advice Read(string format, object?[] arguments)
    {
        List<string> verb = [];
        List<AdviceWord> words = [];
        var tokens = Tokens().Matches(format).Select(m => m.Value).ToList();
        for (var i = 0; i < tokens.Count; i++)
        {
            if (words.Count == 0 && Plain().IsMatch(tokens[i]))
                verb.Add(tokens[i]);
            else if (Inserted(tokens[i], arguments) is (true, var advice))
                words.AddRange(advice?.Words ?? []);
            else if (!tokens[i].StartsWith("--", StringComparison.Ordinal))
                words.Add(Value(null, tokens[i], arguments));
            else if (i + 1 < tokens.Count && !tokens[i + 1].StartsWith("--", StringComparison.Ordinal) && !Inserted(tokens[i + 1], arguments).Is)
                words.Add(Value(tokens[i][2..], tokens[++i], arguments));
            else
                words.Add(new AdviceWord(tokens[i][2..], null, null));
        }

        return new Advice(verb.Count > 0 ? string.Join(' ', verb) : null, words);
    }

    /// <summary>Whether the token is an argument that is advice itself, or null.</summary>
    private static (bool Is, Advice? Advice) Inserted(string token, object?[] arguments)
    {
        if (Argument().Match(token) is not { Success: true } match)
            return (false, null);
        var argument = arguments[int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)];
        return (argument is null or Advice, argument as Advice);
    }

    private static AdviceWord Value(string? option, string token, object?[] arguments)
    {
        char? quote = token[0] is '"' or '\'' ? token[0] : null;
        return new AdviceWord(option, string.Format(CultureInfo.InvariantCulture, quote is null ? token : token[1..^1], arguments), quote);
    }

    [GeneratedRegex(@"\{(?:dbsafety (?=[a-z])|(?=--))(?<command>(?:[^{}]|\{\d+\})+)\}")]
    private static partial Regex Marks();

    [GeneratedRegex("\"[^\"]*\"|'[^']*'|\\S+")]
    private static partial Regex Tokens();

    [GeneratedRegex("^[a-z]+$")]
    private static partial Regex Plain();

    [GeneratedRegex(@"^\{(\d+)\}$")]
    private static partial Regex Argument();
}

/// <summary>A value, or an option with or without a value.</summary>
/// <param name="Option">The command line's name without its dashes; null: a value without an option.</param>
/// <param name="Value">Null: an option without a value.</param>
/// <param name="Quote">The quotation mark of a value that has to be quoted; null: a word, such as a placeholder.</param>
public sealed record AdviceWord(string? Option, string? Value, char? Quote);

/// <summary>How a front end writes its own commands.</summary>
public interface IAdviceDialect
{
    string Render(Advice advice);
}
