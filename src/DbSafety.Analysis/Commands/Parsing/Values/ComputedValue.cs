using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing.Values;

/// <summary>A value that PostgreSQL's immutable functions of text compute from the row's own columns and constants, such as <c>lower(trim(name))</c>: a query can compare it with the old one.</summary>
internal static class ComputedValue
{
    private static readonly string[] Functions = ["lower", "upper", "initcap", "trim", "btrim", "ltrim", "rtrim", "replace", "regexp_replace", "translate", "nullif", "coalesce"];

    private static readonly string[] OfTrim = ["both", "leading", "trailing"];

    /// <summary>What reads other rows, or is no column.</summary>
    private static readonly string[] Others =
    [
        "select", "table", "values", "with", "default", "user", "session_user", "system_user", "localtime", "localtimestamp", "current_user", "current_role", "current_schema", "current_catalog",
        "current_date", "current_time", "current_timestamp",
    ];

    /// <summary>It is computed from that column, perhaps with others.</summary>
    /// <param name="value">What follows the equals sign.</param>
    public static bool Is(IReadOnlyList<SqlToken> value, string column) => value.Any(t => t.IsName && t.Value == column) && Enumerable.Range(0, value.Count).All(i => value[i] switch
    {
        { IsName: true } name => IsCall(value, i) ? Array.Exists(Functions, name.Is) && (i == 0 || !value[i - 1].IsMark('.')) : !Array.Exists(Others, name.Is),
        // Behind a name it is of a type, which can depend on settings.
        { Kind: SqlTokenKind.Text } => i == 0 || !value[i - 1].IsName || Array.Exists(OfTrim, value[i - 1].Is),
        { Kind: SqlTokenKind.Number } => true,
        var mark => mark.IsMark('(') || mark.IsMark(')') || mark.IsMark(',') || mark.IsMark('.'),
    });

    private static bool IsCall(IReadOnlyList<SqlToken> value, int i) => i + 1 < value.Count && value[i + 1].IsMark('(');
}
