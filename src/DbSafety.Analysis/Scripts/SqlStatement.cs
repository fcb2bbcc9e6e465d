using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Scripts;

/// <summary>One statement of a script. It points into the script and copies nothing of it.</summary>
/// <param name="Source">The script, or the stretch of it that was in memory.</param>
/// <param name="Line">1-based line of its first token.</param>
/// <param name="Ordinal">1-based place among the script's statements.</param>
/// <param name="Tokens">At least one. Of an INSERT of very many rows the rows' inside is left out.</param>
internal sealed record SqlStatement(string Source, int Line, int Ordinal, IReadOnlyList<SqlToken> Tokens)
{
    /// <summary>Where it begins in <see cref="Source"/>, in UTF-16 units.</summary>
    public int Offset => Tokens[0].Start;

    /// <summary>Where it begins in the script, in UTF-16 units.</summary>
    public long Position { get; init; }

    /// <summary>Its text is not all there: the middle of its rows or of a very long literal is left out.</summary>
    public bool IsAbridged { get; init; }

    /// <summary>Behind its last character.</summary>
    public required int End { get; init; }

    /// <summary>From its first token to its last, without the semicolon.</summary>
    public string Text => Source[Offset..End];

    /// <summary>A line that only psql understands.</summary>
    public bool IsPsqlCommand => Tokens[0].Kind == SqlTokenKind.PsqlCommand;

    /// <summary>It runs to the end of the script because a literal or a quoted name in it is never closed.</summary>
    public bool IsUnclosed { get; init; }

    /// <summary>By which rules the strings in it are read.</summary>
    public StringReading Strings { get; init; }

    /// <summary>The same for what follows it.</summary>
    public StringReading StringsAfter { get; init; }

    /// <summary>A string in it ends elsewhere, or has another content, by the other rules for backslashes, and it is not certain which ones hold.</summary>
    public bool HasUncertainStrings { get; init; }

    /// <summary>The rows behind <c>COPY … FROM stdin</c>, which only psql sends along; empty if the script was never in memory as a whole.</summary>
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

    public bool Contains(string word)
    {
        for (var i = 0; i < Tokens.Count; i++)
        {
            if (Tokens[i].Is(word))
                return true;
        }

        return false;
    }

    /// <summary>From one of its tokens to the one before another, as written.</summary>
    public string TextOf(int from, int to) => to <= from ? "" : Source[Tokens[from].Start..Tokens[to - 1].End];

    /// <summary>The first characters of the text on one line, for messages.</summary>
    public string Excerpt
    {
        get
        {
            var words = string.Join(' ', Source[Offset..Math.Min(End, Offset + 1000)].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            return words.Length <= 120 ? words : words[..117] + "...";
        }
    }
}
