namespace DbSafety.Analysis.Syntax;

/// <summary>A comment in a script, with the marks it begins and ends with.</summary>
/// <param name="Source">What of the script was in memory when it was met.</param>
/// <param name="Start">In UTF-16 units of <paramref name="Source"/>.</param>
/// <param name="Line">1-based.</param>
/// <param name="Position">Where in the script it begins, in UTF-16 units.</param>
internal readonly record struct SqlComment(string Source, int Start, int Length, int Line, long Position)
{
    public ReadOnlySpan<char> Written => Source.AsSpan(Start, Length);

    /// <summary>Only blanks stand before it on its line.</summary>
    public bool StartsLine => Source.AsSpan(0, Start).TrimEnd(" \t\uFEFF") is var before && (before.IsEmpty || before[^1] == '\n');
}
