namespace DbSafety.Analysis.Syntax;

/// <summary>Shortens a literal so far that it still ends where it ended.</summary>
internal static class LongLiteral
{
    /// <summary>In UTF-16 units; of a shorter one nothing is left out.</summary>
    private const int Longest = 1024 * 1024;

    /// <summary>The same of one that may be a routine's body. A longer one is not read, which is reported.</summary>
    private const int LongestBody = 4 * 1024 * 1024;

    private const int KeptAtStart = 1024;

    /// <summary>What may be left out of a literal that is not closed in this text.</summary>
    /// <param name="start">Where its inside begins.</param>
    /// <param name="quote">Its quote, or <c>$</c>.</param>
    /// <param name="isBody">It may be the body of a routine.</param>
    public static (int From, int To) Inside(string text, int start, char quote, bool isBody)
    {
        if (text.Length - start < (isBody ? LongestBody : Longest))
            return (text.Length, text.Length);
        var (from, to) = (start + KeptAtStart, text.Length - 1);
        while (from < to && !IsNeutral(text, from, quote))
            from++;
        while (to > from && !IsNeutral(text, to, quote))
            to--;
        return (from, to);
    }

    /// <summary>Neither a doubled quote nor an escape stands across that place; nor could what is joined there become a dollar quote's tag.</summary>
    private static bool IsNeutral(string text, int offset, char quote) =>
        quote == '$' ? char.IsWhiteSpace(text[offset]) : text[offset] is not ('\\' or '\'' or '"') && text[offset - 1] is not ('\\' or '\'' or '"');
}
