using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing.Values;

/// <summary>A value that PostgreSQL's functions of text and JSON compute from the row's own columns and constants, such as <c>lower(trim(name))</c>: a query can compare it with the old one.</summary>
internal static class ComputedValue
{
    private static readonly string[] Functions = ["lower", "upper", "initcap", "trim", "btrim", "ltrim", "rtrim", "replace", "regexp_replace", "translate", "nullif", "coalesce", "jsonb_set", "jsonb_insert", "jsonb_build_object", "jsonb_build_array"];

    /// <summary>Of a key of a JSON document.</summary>
    private static readonly string[] Removals = ["-", "#-"];

    private static readonly string[] OfTrim = ["both", "leading", "trailing"];

    /// <summary>What reads other rows, or is no column.</summary>
    private static readonly string[] Others =
    [
        "select", "table", "values", "with", "default", "user", "session_user", "system_user", "localtime", "localtimestamp", "current_user", "current_role", "current_schema", "current_catalog",
        "current_date", "current_time", "current_timestamp",
    ];

    /// <summary>It is computed from that column, perhaps with others.</summary>
    /// <param name="value">What follows the equals sign.</param>
    public static bool Is(IReadOnlyList<SqlToken> value, string column) => value.Any(t => t.IsName && t.Value == column) && IsSteady(value);

    /// <summary>It is computed from columns and constants.</summary>
    public static bool IsSteady(IReadOnlyList<SqlToken> value) => Enumerable.Range(0, value.Count).All(i => value[i] switch
    {
        { IsName: true } name => IsCall(value, i) ? Array.Exists(Functions, name.Is) && (i == 0 || !value[i - 1].IsMark('.')) : !Array.Exists(Others, name.Is),
        // Behind a name it is of a type, which can depend on settings.
        { Kind: SqlTokenKind.Text } => i == 0 || !value[i - 1].IsName || Array.Exists(OfTrim, value[i - 1].Is),
        { Kind: SqlTokenKind.Number } => true,
        { Kind: SqlTokenKind.Operator } sign => sign.IsOperator("||") || (Array.Exists(Removals, sign.IsOperator) && i + 1 < value.Count && value[i + 1].Kind == SqlTokenKind.Text),
        var cast when cast.IsMark(':') => IsCastToJson(value, i) || IsCastToJson(value, i - 1),
        var mark => mark.IsMark('(') || mark.IsMark(')') || mark.IsMark(',') || mark.IsMark('.'),
    });

    private static bool IsCastToJson(IReadOnlyList<SqlToken> value, int i) => i >= 0 && i + 2 < value.Count && value[i].IsMark(':') && value[i + 1].IsMark(':') && value[i + 2].Is("jsonb");

    private static bool IsCall(IReadOnlyList<SqlToken> value, int i) => i + 1 < value.Count && value[i + 1].IsMark('(');
}
