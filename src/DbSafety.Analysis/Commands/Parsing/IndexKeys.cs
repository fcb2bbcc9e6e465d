using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Reads an index's columns and expressions, so that a query can group by them.</summary>
internal static class IndexKeys
{
    /// <returns>Null if one has an operator class or a collation of its own, which may make other values equal than GROUP BY would.</returns>
    public static List<string>? Take(TokenCursor cursor)
    {
        List<string>? keys = [];
        cursor.Skip();
        while (!cursor.AtEnd && !cursor.TakeMark(')'))
        {
            var from = cursor.Position;
            if (cursor.AtMark('('))
            {
                cursor.SkipParentheses();
            }
            else
            {
                cursor.TakeRelation(null);
                if (cursor.AtMark('('))
                    cursor.SkipParentheses();
            }

            if (cursor.Position > from)
                keys?.Add(cursor.TextSince(from));
            while (cursor.TakeAny("asc", "desc") || cursor.Take("nulls", "first") || cursor.Take("nulls", "last"))
            {
            }

            if (!cursor.AtMark(',') && !cursor.AtMark(')'))
                keys = null;
            cursor.SkipElement();
        }

        return keys is { Count: > 0 } ? keys : null;
    }
}
