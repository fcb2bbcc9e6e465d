using System.Text.RegularExpressions;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing.Values;

/// <summary>What triggers assign to a column as a matter of course: a count that goes on from the old one, the time of the change, a value where there was none.</summary>
internal static partial class KeptValue
{
    private static readonly string[] Clocks = ["now", "current_timestamp", "current_date", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "localtimestamp"];

    /// <summary>What can stand around them, as in <c>(extract(epoch FROM now()) * 1000)::bigint</c>.</summary>
    private static readonly string[] OfTime =
    [
        "at", "time", "zone", "timezone", "timestamp", "timestamptz", "date", "without", "with", "pg_catalog", "text", "extract", "epoch", "from", "date_part", "date_trunc", "floor", "round", "trunc",
        "bigint", "int8", "int", "integer", "int4", "numeric",
    ];

    /// <param name="value">What follows the equals sign.</param>
    public static bool Is(IReadOnlyList<SqlToken> value, string column) => IsOld(value, column) || IsStep(value, column) || IsTimeOfChange(value, column);

    /// <summary>The same of what a trigger puts in the row that is changed: a count goes on by a number.</summary>
    public static bool IsOfRow(IReadOnlyList<SqlToken> value, string column) =>
        IsOld(value, column) || (IsStep(value, column) && value.Any(t => t.IsOperator("+")) && !value.Any(t => t.Is("greatest")) && value.Count(t => t.IsName && IsRow(t)) <= 1) || IsTimeOfChange(value, column);

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

    private static bool IsTimeOfChange(IReadOnlyList<SqlToken> value, string column) => ChangeTime().IsMatch(column) && value.Any(t => Array.Exists(Clocks, t.Is))
        && value.All(t => t.IsName ? Array.Exists(Clocks, t.Is) || Array.Exists(OfTime, t.Is) : t.Kind is SqlTokenKind.Punctuation or SqlTokenKind.Text or SqlTokenKind.Number || t.IsOperator("::") || t.IsOperator("*"));

    /// <summary>Names such as updated_at, updatedAt, lastModified, timemodified, mtime and status_changed_at, of whole words: not credited_at.</summary>
    [GeneratedRegex("^(.*_|.*[a-z](?=[A-Z]))?((?i)(last|row|date|time|ts|dt)_?)*(?i)(updated?|modif(y|ied|ication)|changed?|touch(ed)?|edit(ed)?|mod|m(?=time))_?((at|on|date|time|timestamp|tz|ts|dt|utc)_?)*$")]
    private static partial Regex ChangeTime();

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
