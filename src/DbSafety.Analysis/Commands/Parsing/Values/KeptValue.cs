using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing.Values;

/// <summary>What triggers assign to a column as a matter of course: a count that goes on from the old one, the time of the change, a value where there was none.</summary>
internal static class KeptValue
{
    private static readonly string[] Time =
    [
        "now", "current_timestamp", "current_date", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "localtimestamp", "at", "time", "zone", "timezone", "timestamp", "timestamptz",
        "date", "without", "with", "pg_catalog", "text",
    ];

    private static readonly string[] OfChange = ["updat", "modif", "chang", "touch", "edit", "mtime"];

    /// <param name="value">What follows the equals sign.</param>
    public static bool Is(IReadOnlyList<SqlToken> value, string column) => IsOld(value, column) || IsStep(value, column) || IsTimeOfChange(value, column);

    /// <summary><c>OLD.column</c>, <c>coalesce(NEW.column, …)</c>.</summary>
    private static bool IsOld(IReadOnlyList<SqlToken> value, string column)
    {
        var from = value is [var first, var open, ..] && first.Is("coalesce") && open.IsMark('(') && value[^1].IsMark(')') ? 2 : 0;
        return value.Count > from + 2 && IsRow(value[from]) && value[from + 1].IsMark('.') && value[from + 2].Value == column
            && (from == 0 ? value.Count == 3 : value.Count > from + 3 && value[from + 3].IsMark(',') && Depth(value));
    }

    /// <summary><c>column + 1</c>, <c>greatest(coalesce(t.column, 0) - NEW.amount, 0)</c>.</summary>
    private static bool IsStep(IReadOnlyList<SqlToken> value, string column)
    {
        var (own, signs) = (0, 0);
        for (var i = 0; i < value.Count; i++)
        {
            var token = value[i];
            if (token.IsOperator("+") || token.IsOperator("-"))
                signs++;
            else if (token.IsName && i + 2 < value.Count && value[i + 1].IsMark('.'))
            {
                var isNew = IsRow(token) && value[i + 2].Value != column;
                own += isNew ? 0 : value[i + 2].Value == column ? 1 : 2;
                i += 2;
            }
            else if (token.IsName && !token.Is("coalesce") && !token.Is("greatest"))
                own += token.Value == column ? 1 : 2;
            else if (!token.IsName && token.Kind is not (SqlTokenKind.Number or SqlTokenKind.Punctuation))
                return false;
        }

        return own == 1 && signs == 1;
    }

    private static bool IsTimeOfChange(IReadOnlyList<SqlToken> value, string column) =>
        Array.Exists(OfChange, w => column.Contains(w, StringComparison.OrdinalIgnoreCase))
        && value.Any(t => t.IsName) && value.All(t => t.IsName ? Array.Exists(Time, t.Is) : t.Kind is SqlTokenKind.Punctuation or SqlTokenKind.Text or SqlTokenKind.Number || t.IsOperator("::"));

    private static bool IsRow(SqlToken token) => token.Is("new") || token.Is("old");

    /// <summary>The first parenthesis is closed by the last.</summary>
    private static bool Depth(IReadOnlyList<SqlToken> value)
    {
        var depth = 0;
        for (var i = 0; i < value.Count - 1; i++)
        {
            depth += value[i].IsMark('(') ? 1 : value[i].IsMark(')') ? -1 : 0;
            if (i > 0 && depth == 0)
                return false;
        }

        return true;
    }
}
