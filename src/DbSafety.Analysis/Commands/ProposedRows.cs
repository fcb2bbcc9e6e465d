using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands;

/// <summary>The rows that INSERT … ON CONFLICT (key) DO UPDATE inserts where they conflict with none.</summary>
/// <param name="Columns">Those that it lists; empty: all of the table, in their order.</param>
/// <param name="Rows">VALUES or a query.</param>
/// <param name="Key">The columns after ON CONFLICT.</param>
/// <param name="IsListed">The statement lists all rows: with VALUES.</param>
internal sealed record ProposedRows(IReadOnlyList<string> Columns, string Rows, IReadOnlyList<string> Key, bool IsListed)
{
    /// <summary>The condition of DO UPDATE, from the word WHERE on; null if there is none.</summary>
    public string? Where { get; init; }

    /// <summary>Null if the key has expressions or is a constraint, or a value is DEFAULT.</summary>
    /// <param name="from">After the table.</param>
    /// <param name="to">The words ON CONFLICT end there.</param>
    public static ProposedRows? Read(TokenCursor cursor, int from, int to, IReadOnlyList<string> key)
    {
        var position = cursor.Position;
        cursor.BackTo(from);
        // A query in parentheses lists no columns.
        var columns = cursor.AtMark('(') && !(cursor.TokenAt(from + 1) is var first && (first.Is("select") || first.Is("with") || first.Is("values") || first.Is("table") || first.IsMark('('))) ? cursor.TakeNamesInParentheses() : [];
        if (cursor.Take("overriding"))
            cursor.BackTo(cursor.Position + 2);
        var (start, isListed) = (cursor.Position, cursor.At("values"));
        cursor.BackTo(position);
        return key.Count == 0 || start >= to - 1 || !cursor.TokenAt(to - 1).Is("on") || Enumerable.Range(start, to - start).Any(i => cursor.TokenAt(i).Is("default")) ? null
            : new ProposedRows(columns, cursor.Text(start, to - 1), key, isListed);
    }

    /// <summary>Under the name EXCLUDED, as if the table were joined with them: the types are those of its columns.</summary>
    /// <param name="isNew">The live table has not got that column.</param>
    public RowChange Joined(RowChange update, Func<string, bool> isNew) => update with
    {
        Proposed = null,
        // The time of the change is no value that is missed.
        Columns = update.Columns.Except(update.Kept).Any() ? [.. update.Columns.Except(update.Kept)] : update.Columns,
        Computed = update.Defaulted.Count > 0 ? [] : update.Computed,
        IsUncountable = false,
        Joins = true,
        Others = $"(SELECT {(Columns.Count == 0 ? "*" : string.Join(", ", Columns.Select(c => isNew(c) ? $"NULL AS {SqlName.Quote(c)}" : SqlName.Quote(c))))} FROM {update.Table.Sql} WHERE false UNION ALL ({Rows})) AS excluded",
        Where = $"where {string.Join(" AND ", Key.Select(c => $"{update.Column(c)} = {SqlName.Quote("excluded", c)}"))}{(Where is null ? "" : $" AND ({Where["where".Length..].Trim()})")}",
        From = $"{update.Table.Sql}{(update.Alias == update.Table.Name ? "" : $" AS {SqlName.Quote(update.Alias)}")}",
    };
}
