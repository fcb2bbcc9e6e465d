using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Scripts;

/// <summary>What a CREATE RULE makes of a statement.</summary>
/// <param name="Event">select, insert, update or delete.</param>
/// <param name="Deletes">One of its actions is a DELETE.</param>
internal sealed record RuleActions(string Event, bool IsInstead, bool Deletes)
{
    public static RuleActions? Of(SqlStatement statement)
    {
        var cursor = new TokenCursor(statement.Tokens);
        cursor.BackTo(cursor.Find("on"));
        if (!cursor.Take("on") || cursor.TakeName() is not { } name)
            return null;
        cursor.BackTo(cursor.Find("do"));
        if (!cursor.Take("do"))
            return null;
        var instead = cursor.Take("instead");
        cursor.Take("also");
        return new RuleActions(name, instead, HasDelete(statement, cursor.Position));
    }

    /// <summary>Actions have semicolons between them, in parentheses.</summary>
    private static bool HasDelete(SqlStatement statement, int from)
    {
        for (var i = from; i < statement.Tokens.Count; i++)
        {
            if (statement.Tokens[i].Is("delete") && (i == from || statement.Tokens[i - 1].IsMark('(') || statement.Tokens[i - 1].IsMark(';') || statement.Tokens[i - 1].IsMark(')') || statement.Tokens[i - 1].Is("instead") || statement.Tokens[i - 1].Is("also") || statement.Tokens[i - 1].Is("do")))
                return true;
        }

        return false;
    }
}
