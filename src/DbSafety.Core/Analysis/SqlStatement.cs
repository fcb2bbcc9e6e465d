namespace DbSafety.Analysis;

/// <summary>One statement of a script.</summary>
/// <param name="Text">From its first token to its last, without the semicolon.</param>
/// <param name="Offset">Where <paramref name="Text"/> begins in the script, in UTF-16 units.</param>
/// <param name="Line">1-based line of its first token.</param>
/// <param name="Ordinal">1-based place among the script's statements.</param>
internal sealed record SqlStatement(string Text, int Offset, int Line, int Ordinal, IReadOnlyList<SqlToken> Tokens)
{
    /// <summary>A line that only psql understands.</summary>
    public bool IsPsqlCommand => Tokens[0].Kind == SqlTokenKind.PsqlCommand;

    /// <summary>The rows behind <c>COPY … FROM stdin</c>, which only psql sends along.</summary>
    public string? CopyData { get; init; }

    public bool StartsWith(params ReadOnlySpan<string> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (i >= Tokens.Count || !Tokens[i].Is(words[i]))
                return false;
        }

        return true;
    }

    public bool Contains(string word) => Tokens.Any(t => t.Is(word));

    /// <summary>The first characters of the text on one line, for messages.</summary>
    public string Excerpt => Shorten(string.Join(' ', Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    private static string Shorten(string text) => text.Length <= 120 ? text : text[..117] + "...";
}
