using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Commands.Parsing.Values;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>A value that the function of a trigger puts in place of what a statement would store.</summary>
/// <param name="Column">Null: any of them.</param>
internal sealed record NewValue(string? Column, Nullness Value)
{
    /// <summary>What chooses between the row of before and the row that is to be stored.</summary>
    private static readonly string[] Rows = ["new", "old", "null", "coalesce", "case", "when", "then", "else", "end", "tg_op", "tg_when", "is", "not", "and", "or"];

    private static readonly string[] Comparisons = ["=", "<>", "!=", "<", ">", "<=", ">="];

    /// <summary>Those of one statement of a body, without those that keep the old value, count on from it or say when the row was changed.</summary>
    public static IEnumerable<NewValue> Of(SqlStatement statement)
    {
        var tokens = statement.Tokens;
        if (tokens[0].Is("return"))
            return IsRow(tokens, 1) ? [] : [new NewValue(null, Nullness.Unknown)];
        if (tokens[0].Is("new") && AfterEquals(tokens, 1) is { } whole)
            return IsRow(tokens, whole) ? [] : [new NewValue(null, Nullness.Unknown)];
        if (tokens is [_, _, { IsName: true } column, ..] && tokens[0].Is("new") && tokens[1].IsMark('.'))
        {
            // An element or a field of it.
            if (AfterEquals(tokens, 3) is not { } value)
                return [new NewValue(column.Value, Nullness.Unknown)];
            var cursor = new TokenCursor(tokens);
            return KeptValue.IsOfRow(cursor.Slice(value, tokens.Count), column.Value) ? [] : [new NewValue(column.Value, NullnessReader.Of(cursor, value, tokens.Count))];
        }

        return Filled(tokens);
    }

    /// <summary>Of <c>NEW.column := …</c> that is computed from nothing but the row, the column and the value as SQL; null for everything else.</summary>
    public static (string Column, string Sql)? Computed(SqlStatement statement)
    {
        var tokens = statement.Tokens;
        if (tokens is not [_, _, { IsName: true } column, ..] || !tokens[0].Is("new") || !tokens[1].IsMark('.') || AfterEquals(tokens, 3) is not { } from)
            return null;
        for (var i = from; i < tokens.Count; i++)
        {
            var isOfRow = i > 1 && tokens[i - 1].IsMark('.') && (tokens[i - 2].Is("new") || tokens[i - 2].Is("old"));
            var isRow = (tokens[i].Is("new") || tokens[i].Is("old")) && i + 1 < tokens.Count && tokens[i + 1].IsMark('.');
            var isCall = i + 1 < tokens.Count && tokens[i + 1].IsMark('(');
            if (tokens[i].IsName ? !isOfRow && !isRow && !isCall && !(i > 1 && tokens[i - 1].IsMark(':') && tokens[i - 2].IsMark(':')) && !Array.Exists(Rows, tokens[i].Is) : tokens[i].Kind == SqlTokenKind.Parameter)
                return null;
        }

        return (column.Value, new TokenCursor(tokens).Text(from, tokens.Count));
    }

    /// <summary>SELECT … INTO NEW.a, NEW.b.</summary>
    private static IEnumerable<NewValue> Filled(IReadOnlyList<SqlToken> tokens)
    {
        for (var i = 1; i < tokens.Count; i++)
        {
            if (tokens[i].Is("new") && (tokens[i - 1].Is("into") || tokens[i - 1].Is("strict") || tokens[i - 1].IsMark(',')) && tokens.Take(i).Any(t => t.Is("into")))
                yield return new NewValue(i + 2 < tokens.Count && tokens[i + 1].IsMark('.') ? tokens[i + 2].Value : null, Nullness.Unknown);
        }
    }

    /// <summary>The token behind = or :=.</summary>
    private static int? AfterEquals(IReadOnlyList<SqlToken> tokens, int at)
    {
        if (at < tokens.Count && tokens[at].IsMark(':'))
            at++;
        return at + 1 < tokens.Count && tokens[at].IsOperator("=") ? at + 1 : null;
    }

    private static bool IsRow(IReadOnlyList<SqlToken> tokens, int from) => tokens.Skip(from).All(t => t.Kind == SqlTokenKind.Operator ? Array.Exists(Comparisons, t.IsOperator) : !t.IsName || (t.Kind == SqlTokenKind.Word && Array.Exists(Rows, t.Is)));
}
