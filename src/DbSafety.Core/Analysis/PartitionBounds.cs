namespace DbSafety.Analysis;

/// <summary>Reads FOR VALUES of one column as a condition.</summary>
internal static class PartitionBounds
{
    /// <param name="key">The column, as SQL.</param>
    /// <returns>Null where they are not literals alone, or of several columns.</returns>
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

    /// <summary>Empty where it has no end on that side.</summary>
    private static string? End(TokenCursor cursor, string open, string comparison)
    {
        var from = cursor.Position;
        if (cursor.TakeMark('(') && cursor.Take(open) && cursor.TakeMark(')'))
            return "";
        cursor.BackTo(from);
        return Literals(cursor) is [var value] ? comparison + value : null;
    }

    private static List<string>? Literals(TokenCursor cursor)
    {
        var values = new List<string>();
        if (!cursor.TakeMark('('))
            return null;
        do
        {
            var from = cursor.Position;
            if (cursor.Current?.IsOperator("-") == true)
                cursor.Skip();
            if (cursor.Current is not { Kind: SqlTokenKind.Text or SqlTokenKind.Number })
                return null;
            cursor.Skip();
            values.Add(cursor.TextSince(from));
        }
        while (cursor.TakeMark(','));
        return cursor.TakeMark(')') ? values : null;
    }
}
