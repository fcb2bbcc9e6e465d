namespace DbSafety.Analysis;

/// <summary><c>CREATE [UNIQUE] INDEX [CONCURRENTLY] [[IF NOT EXISTS] name] ON [ONLY] table …</c>.</summary>
internal sealed record NewIndex(string? Name, RelationName Table, bool IsConcurrent)
{
    public static NewIndex? Read(StatementContext context)
    {
        var cursor = new TokenCursor(context.Statement.Tokens);
        if (!cursor.Take("create"))
            return null;
        cursor.Take("unique");
        if (!cursor.Take("index"))
            return null;
        var concurrent = cursor.Take("concurrently");
        cursor.Take("if", "not", "exists");
        var name = cursor.At("on") ? null : cursor.TakeName();
        if (!cursor.Take("on"))
            return null;
        cursor.Take("only");
        return cursor.TakeRelation(context.SearchSchema) is { } table ? new NewIndex(name, table, concurrent) : null;
    }
}
