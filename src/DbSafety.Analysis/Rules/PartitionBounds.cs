using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Reads FOR VALUES of one column as a condition.</summary>
internal static class PartitionBounds
{
    /// <param name="key">The column, as SQL.</param>
    /// <returns>Null if they are not literals alone, or of several columns.</returns>
    public static string? Read(string bounds, string key)
    {
        if (SqlSplitter.Split(bounds) is not [var only])
            return null;
        var cursor = new TokenCursor(only.Tokens);
        if (!cursor.Take("for", "values"))
            return null;
        if (cursor.Take("in"))
            return Literals(cursor) is { Count: > 0 } values && cursor.AtEnd ? $"{key} IN ({string.Join(", ", values)})" : null;
        if (!cursor.Take("from"))
            return null;
        var from = End(cursor, "minvalue", $"{key} >= ");
        var to = cursor.Take("to") ? End(cursor, "maxvalue", $"{key} < ") : null;
        if (from is null || to is null || !cursor.AtEnd)
            return null;
        return string.Join(" AND ", new[] { $"{key} IS NOT NULL", from, to }.Where(c => c.Length > 0));
    }

    /// <summary>Empty if it has no end on that side.</summary>
    private static string? End(TokenCursor cursor, string open, string comparison)
    {
        var from = cursor.Position;
        if (cursor.TakeMark('(') && cursor.Take(open) && cursor.TakeMark(')'))
            return "";
        cursor.BackTo(from);
        return Literals(cursor) is [var value] ? comparison + value : null;
    }

    /// <summary>What is in FOR VALUES IN (…), or FROM (…) TO (…).</summary>
    /// <param name="From">Literals; of an open end MINVALUE or MAXVALUE alone.</param>
    /// <param name="To">Null: of a list.</param>
    internal sealed record Ends(IReadOnlyList<string> From, IReadOnlyList<string>? To)
    {
        public bool IsOpenBelow => To is not null && From[0].Equals("minvalue", StringComparison.OrdinalIgnoreCase);

        public bool IsOpenAbove => To is not null && To[0].Equals("maxvalue", StringComparison.OrdinalIgnoreCase);
    }

    /// <returns>Null if they are not literals alone, or open for some columns only.</returns>
    public static Ends? Values(string bounds)
    {
        if (SqlSplitter.Split(bounds) is not [var only])
            return null;
        var cursor = new TokenCursor(only.Tokens);
        if (!cursor.Take("for", "values"))
            return null;
        if (cursor.Take("in"))
            return Literals(cursor, withNull: true) is { Count: > 0 } values && cursor.AtEnd ? new Ends(values, null) : null;
        return cursor.Take("from") && RangeEnd(cursor, "minvalue") is { } from && cursor.Take("to") && RangeEnd(cursor, "maxvalue") is { } to && cursor.AtEnd ? new Ends(from, to) : null;
    }

    private static List<string>? RangeEnd(TokenCursor cursor, string open)
    {
        var (from, ends) = (cursor.Position, new List<string>());
        if (!cursor.TakeMark('('))
            return null;
        while (cursor.Take(open))
        {
            ends.Add(open);
            if (!cursor.TakeMark(','))
                return cursor.TakeMark(')') ? ends : null;
        }

        cursor.BackTo(from);
        return ends.Count == 0 ? Literals(cursor) : null;
    }

    private static List<string>? Literals(TokenCursor cursor, bool withNull = false)
    {
        var values = new List<string>();
        if (!cursor.TakeMark('('))
            return null;
        do
        {
            var from = cursor.Position;
            if (cursor.Current?.IsOperator("-") == true)
                cursor.Skip();
            if (cursor.Current is not { Kind: SqlTokenKind.Text or SqlTokenKind.Number } && !(withNull && (cursor.At("null") || cursor.At("true") || cursor.At("false"))))
                return null;
            cursor.Skip();
            values.Add(cursor.TextSince(from));
        }
        while (cursor.TakeMark(','));
        return cursor.TakeMark(')') ? values : null;
    }
}
