using System.Text;

namespace DbSafety.Analysis.Syntax;

/// <summary>What a stretch of SQL text is, by PostgreSQL's lexical rules.</summary>
internal enum SqlTokenKind
{
    /// <summary>A key word or an unquoted identifier.</summary>
    Word,

    /// <summary><c>"…"</c> or <c>U&amp;"…"</c>.</summary>
    QuotedName,

    /// <summary>Any string literal: plain, escape, bit, Unicode or dollar-quoted.</summary>
    Text,
    Number,
    Parameter,
    Operator,

    /// <summary>One of <c>( ) [ ] , . : ;</c>.</summary>
    Punctuation,

    /// <summary>A line for psql, from its backslash to the end of the line.</summary>
    PsqlCommand,
}

/// <summary>One token; comments and white space are none. It points into the script and copies nothing of it.</summary>
/// <param name="Start">In UTF-16 units of <paramref name="Source"/>.</param>
internal readonly record struct SqlToken(SqlTokenKind Kind, string Source, int Start, int Length)
{
    public int End => Start + Length;

    public bool IsName => Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName;

    /// <summary>As written.</summary>
    public ReadOnlySpan<char> Written => Source.AsSpan(Start, Length);

    /// <summary>
    /// A word folded to lower case and a quoted name without its quotes, both cut to 63 bytes as the server does; the inside a
    /// string literal as it stands between its quotes; everything else as written.
    /// </summary>
    public string Value => Kind switch
    {
        SqlTokenKind.Word => SqlWords.Fold(Written),
        SqlTokenKind.QuotedName => QuotedText.Name(Written),
        SqlTokenKind.Text => Inside.ToString(),
        _ => Written.ToString(),
    };

    /// <summary>What stands between the quotes of a literal, quotes and escapes in it as written.</summary>
    public ReadOnlySpan<char> Inside => QuotedText.Inside(Written);

    /// <param name="word">In lower case.</param>
    public bool Is(string word) => Kind == SqlTokenKind.Word && Length == word.Length && Ascii.EqualsIgnoreCase(Written, word);

    public bool IsMark(char mark) => Kind == SqlTokenKind.Punctuation && Source[Start] == mark;

    public bool IsOperator(string symbol) => Kind == SqlTokenKind.Operator && Written.SequenceEqual(symbol);
}
