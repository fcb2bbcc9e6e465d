namespace DbSafety.Analysis;

/// <summary><c>ALTER [FOREIGN] TABLE name action, action …</c>.</summary>
/// <param name="Actions">The tokens of each action.</param>
internal sealed record AlterTable(RelationName Table, bool IfExists, IReadOnlyList<IReadOnlyList<SqlToken>> Actions)
{
    public static AlterTable? Read(SqlStatement statement, string? searchSchema)
    {
        var cursor = new TokenCursor(statement.Tokens);
        if (!cursor.Take("alter", "table") && !cursor.Take("alter", "foreign", "table"))
            return null;
        if (cursor.Take("all", "in"))
            return null;
        var ifExists = cursor.Take("if", "exists");
        cursor.Take("only");
        if (cursor.TakeRelation(searchSchema) is not { } table)
            return null;
        var actions = new List<IReadOnlyList<SqlToken>>();
        do
        {
            actions.Add(cursor.TakeUntilComma());
        }
        while (cursor.TakeMark(','));
        return new AlterTable(table, ifExists, actions);
    }

    /// <summary>The column of <c>DROP [COLUMN] [IF EXISTS] name</c>.</summary>
    public static (string Column, bool IfExists)? DroppedColumn(IReadOnlyList<SqlToken> action)
    {
        var cursor = new TokenCursor(action);
        // CONSTRAINT is reserved, so a column of that name would be quoted.
        if (!cursor.Take("drop") || cursor.At("constraint"))
            return null;
        cursor.Take("column");
        var ifExists = cursor.Take("if", "exists");
        return cursor.TakeName() is { } column ? (column, ifExists) : null;
    }

    /// <summary>The column of <c>ADD [COLUMN] [IF NOT EXISTS] name type …</c>, and the tokens behind its name.</summary>
    public static (string Column, IReadOnlyList<SqlToken> Definition)? AddedColumn(IReadOnlyList<SqlToken> action)
    {
        var cursor = new TokenCursor(action);
        if (!cursor.Take("add"))
            return null;
        if (!cursor.Take("column") && (cursor.At("constraint") || cursor.At("primary") || cursor.At("unique")
            || cursor.At("foreign") || cursor.At("check") || cursor.At("exclude")))
            return null;
        cursor.Take("if", "not", "exists");
        return cursor.TakeName() is { } column ? (column, [.. action.Skip(cursor.Position)]) : null;
    }

    /// <summary>The column of <c>RENAME [COLUMN] name TO name</c>.</summary>
    public static (string From, string To)? RenamedColumn(IReadOnlyList<SqlToken> action)
    {
        var cursor = new TokenCursor(action);
        if (!cursor.Take("rename") || cursor.At("to") || cursor.At("constraint"))
            return null;
        cursor.Take("column");
        return cursor.TakeName() is { } from && cursor.Take("to") && cursor.TakeName() is { } to ? (from, to) : null;
    }
}
