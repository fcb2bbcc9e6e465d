using System.Text.RegularExpressions;

namespace DbSafety.Backups.Dumps;

/// <summary>The words, names, strings and signs of a statement, taken one after the other.</summary>
internal sealed partial class StatementTokens
{
    private readonly List<Match> tokens;
    private int at;

    private StatementTokens(List<Match> tokens, string text) => (this.tokens, Text) = (tokens, text);

    public string Text { get; }

    public bool IsAtEnd => at == tokens.Count;

    /// <summary>The statements of a text, without their semicolons.</summary>
    public static IEnumerable<StatementTokens> Split(string sql)
    {
        var tokens = new List<Match>();
        foreach (Match token in TokenPattern().Matches(sql))
        {
            if (token.Value != ";")
            {
                tokens.Add(token);
                continue;
            }

            if (Of(tokens) is { } statement)
                yield return statement;
            tokens = [];
        }

        if (Of(tokens) is { } last)
            yield return last;

        StatementTokens? Of(List<Match> of) => of.Count == 0 ? null : new StatementTokens(of, sql[of[0].Index..(of[^1].Index + of[^1].Length)]);
    }

    /// <summary>Passes over these key words or signs, where all of them come next.</summary>
    public bool Skip(params string[] words)
    {
        if (at + words.Length > tokens.Count || words.Where((w, i) => !tokens[at + i].Value.Equals(w, StringComparison.OrdinalIgnoreCase)).Any())
            return false;
        at += words.Length;
        return true;
    }

    /// <summary>Whether these key words or signs come one after the other anywhere in it.</summary>
    public bool Has(params string[] words) => Enumerable.Range(0, tokens.Count).Any(i => i + words.Length <= tokens.Count && words.Select((w, n) => tokens[i + n].Value.Equals(w, StringComparison.OrdinalIgnoreCase)).All(same => same));

    /// <summary>What the next one means: a string's or a quoted name's text, a name in lower case; empty at the end.</summary>
    public string Take()
    {
        if (IsAtEnd)
            return "";
        var text = tokens[at++].Value;
        return text[0] switch
        {
            '"' => PlainSection.Unquote(text),
            '$' when text.IndexOf('$', 1) is > 0 and var tag && text.Length > 2 * tag + 1 => text[(tag + 1)..^(tag + 1)],
            '\'' => text[1..^1].Replace("''", "'", StringComparison.Ordinal),
            'E' or 'e' when text.Length > 2 && text[1] == '\'' => text[2..^1].Replace("''", "'", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal),
            _ => text.ToLowerInvariant(),
        };
    }

    [GeneratedRegex("""
        \$(\w*)\$.*?\$\1\$|"(?:[^"]|"")*"|\b[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|[^\s,;=()'"]+|[,;=()]
        """, RegexOptions.Singleline)]
    private static partial Regex TokenPattern();
}
