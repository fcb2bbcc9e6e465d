namespace DbSafety.Analysis;

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

/// <summary>One token; comments and white space are none.</summary>
/// <param name="Value">
/// A word folded to lower case and a quoted name without its quotes, both cut to 63 bytes as the server does; the inside of a
/// string literal as it stands between its quotes; everything else as written.
/// </param>
internal readonly record struct SqlToken(SqlTokenKind Kind, int Start, int Length, string Value)
{
    public int End => Start + Length;

    public bool IsName => Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName;

    public bool Is(string word) => Kind == SqlTokenKind.Word && Value == word;

    public bool IsMark(char mark) => Kind == SqlTokenKind.Punctuation && Value[0] == mark;
}
