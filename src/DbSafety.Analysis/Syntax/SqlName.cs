using System.Collections.Frozen;

namespace DbSafety.Analysis.Syntax;

/// <summary>The one place where SQL identifiers and literals are quoted.</summary>
public static class SqlName
{
    /// <summary>PostgreSQL keeps 63 bytes of a name (NAMEDATALEN - 1).</summary>
    public const int MaxBytes = 63;

    /// <summary>Words that are no names of tables and columns unless quoted, in PostgreSQL 12 to 18 (https://www.postgresql.org/docs/current/sql-keywords-appendix.html).</summary>
    private static readonly FrozenSet<string> Reserved = FrozenSet.Create(StringComparer.Ordinal,
        "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "binary", "both", "case", "cast", "check", "collate", "collation",
        "column", "concurrently", "constraint", "create", "cross", "current_catalog", "current_date", "current_role", "current_schema", "current_time", "current_timestamp",
        "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "false", "fetch", "for", "foreign", "freeze", "from", "full", "grant",
        "group", "having", "ilike", "in", "initially", "inner", "intersect", "into", "is", "isnull", "join", "lateral", "leading", "left", "like", "limit", "localtime",
        "localtimestamp", "natural", "not", "notnull", "null", "offset", "on", "only", "or", "order", "outer", "overlaps", "placing", "primary", "references", "returning",
        "right", "select", "session_user", "similar", "some", "symmetric", "system_user", "table", "tablesample", "then", "to", "trailing", "true", "union", "unique", "user",
        "using", "variadic", "verbose", "when", "where", "window", "with");

    /// <summary><c>a"b</c> becomes <c>"a""b"</c>.</summary>
    public static string Quote(string name) => '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    public static string Quote(string schema, string name) => Quote(schema) + "." + Quote(name);

    /// <summary>A string literal, for the few statements that take no parameters.</summary>
    public static string Literal(string value) =>
        value.Contains('\\', StringComparison.Ordinal)
            ? " E'" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal) + "'"
            : "'" + value.Replace("'", "''", StringComparison.Ordinal) + "'";

    /// <summary>
    /// <paramref name="name"/> with <paramref name="suffix"/>, the name shortened so that both fit into
    /// <see cref="MaxBytes"/> bytes of UTF-8 without cutting a character.
    /// </summary>
    public static string WithSuffix(string name, string suffix)
    {
        var room = MaxBytes - System.Text.Encoding.UTF8.GetByteCount(suffix);
        var kept = name;
        while (System.Text.Encoding.UTF8.GetByteCount(kept) > room)
            kept = kept[..^(kept.Length > 1 && char.IsLowSurrogate(kept[^1]) ? 2 : 1)];
        return kept + suffix;
    }

    /// <summary>The form people read and write: quoted only where it must be.</summary>
    public static string Display(string name) => Reserved.Contains(name) ? Quote(name) : DisplayBehindDot(name);

    public static string Display(string schema, string name) => Display(schema) + "." + DisplayBehindDot(name);

    /// <summary>As <see cref="Display(string)"/>; behind a dot reserved words are names too.</summary>
    public static string DisplayBehindDot(string name) =>
        name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '$')
            ? name
            : Quote(name);
}
