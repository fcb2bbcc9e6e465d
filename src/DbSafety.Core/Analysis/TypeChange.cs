namespace DbSafety.Analysis;

/// <summary><c>ALTER [COLUMN] name [SET DATA] TYPE type [COLLATE …] [USING expression]</c>.</summary>
/// <param name="Type">As it is written.</param>
internal sealed record TypeChange(RelationName Table, string Column, string Type, string? Using)
{
    public static IEnumerable<TypeChange> Find(StatementContext context)
    {
        if (AlterTable.Read(context.Statement, context.SearchSchema) is not { } alter)
            yield break;
        foreach (var action in alter.Actions)
        {
            var cursor = new TokenCursor(action);
            if (!cursor.Take("alter"))
                continue;
            cursor.Take("column");
            if (cursor.TakeName() is not { } column || !(cursor.Take("set", "data", "type") || cursor.Take("type")) || cursor.AtEnd)
                continue;
            var collate = IndexOf(action, "collate", cursor.Position);
            var conversion = IndexOf(action, "using", cursor.Position);
            var end = Math.Min(collate < 0 ? action.Count : collate, conversion < 0 ? action.Count : conversion);
            if (end > cursor.Position)
                yield return new TypeChange(alter.Table, column, Text(context, action, cursor.Position, end), conversion < 0 ? null : Text(context, action, conversion + 1, action.Count));
        }
    }

    private static int IndexOf(IReadOnlyList<SqlToken> tokens, string word, int from)
    {
        for (var i = from; i < tokens.Count; i++)
        {
            if (tokens[i].Is(word))
                return i;
        }

        return -1;
    }

    private static string Text(StatementContext context, IReadOnlyList<SqlToken> tokens, int from, int to) =>
        from >= to ? "" : context.Statement.Text[(tokens[from].Start - context.Statement.Offset)..(tokens[to - 1].End - context.Statement.Offset)];
}
