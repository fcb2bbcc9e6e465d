using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Backups.Dumps;

/// <summary>The words, names, strings and signs of a statement, read one after the other. Text without white space in it (<c>app.tenant</c>, <c>-1</c>) is one.</summary>
internal sealed class StatementTokens
{
    private readonly List<SqlToken> tokens = [];
    private int at;

    private StatementTokens(SqlStatement statement)
    {
        Text = statement.Text;
        foreach (var token in statement.Tokens)
        {
            if (tokens.Count > 0 && tokens[^1] is var last && last.End == token.Start && IsPart(last) && IsPart(token))
                tokens[^1] = last with { Kind = SqlTokenKind.Word, Length = token.End - last.Start };
            else
                tokens.Add(token);
        }
    }

    public string Text { get; }

    public bool IsAtEnd => at == tokens.Count;

    /// <summary>The statements of a text, without their semicolons.</summary>
    public static IEnumerable<StatementTokens> Split(string sql) => SqlSplitter.Split(sql).Select(s => new StatementTokens(s));

    /// <summary>Skips these key words or signs, if all of them come next.</summary>
    public bool Skip(params string[] words)
    {
        if (!Are(at, words))
            return false;
        at += words.Length;
        return true;
    }

    /// <summary>Skips everything up to and including this key word, if it occurs.</summary>
    public bool SkipTo(string word)
    {
        for (var place = at; place < tokens.Count; place++)
        {
            if (Are(place, [word]))
            {
                at = place + 1;
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether these key words or signs come one after the other anywhere in it.</summary>
    public bool Has(params string[] words) => Enumerable.Range(0, tokens.Count).Any(i => Are(i, words));

    /// <summary>What the next one means: a string's or a quoted name's text, a name in lower case; empty at the end.</summary>
    public string Take() => IsAtEnd ? "" : tokens[at++] switch
    {
        { Kind: SqlTokenKind.Text } text => QuotedText.Literal(text),
        { Kind: SqlTokenKind.QuotedName } name => name.Value,
        var other => other.Written.ToString().ToLowerInvariant(),
    };

    private bool Are(int place, string[] words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (place + i >= tokens.Count || !tokens[place + i].Written.Equals(words[i], StringComparison.OrdinalIgnoreCase))
                return false;
        }

        return true;
    }

    private static bool IsPart(SqlToken token) => token.Kind is SqlTokenKind.Word or SqlTokenKind.Number || token.IsMark('.') || token.IsMark(':') || (token.Kind == SqlTokenKind.Operator && !token.IsOperator("="));
}
