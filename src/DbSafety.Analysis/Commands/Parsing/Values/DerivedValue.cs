using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing.Values;

/// <summary>What an UPDATE assigns that loses no value of its own accord: what is computed again from other rows, or stands only where there was none.</summary>
internal static class DerivedValue
{
    private static readonly string[] Aggregates = ["count", "sum", "max", "min", "avg", "bool_or", "bool_and", "every", "string_agg", "array_agg", "json_agg", "jsonb_agg"];

    /// <summary>With these a query can give no row, or more than one.</summary>
    private static readonly string[] Groups = ["group", "having", "limit", "offset", "fetch", "union", "intersect", "except", "over"];

    /// <summary>Their type is that of the column, or one that gives the column's value back.</summary>
    private static readonly string[] SameType = ["gen_random_uuid", "uuidv4", "uuidv7", "lower", "upper", "concat", "md5"];

    /// <summary>A query computes it, and it is never NULL: a count, <c>coalesce((SELECT …), 0)</c>, <c>EXISTS (…)</c>.</summary>
    public static bool Is(TokenCursor cursor, int from, int to)
    {
        (from, to) = WithoutCast(cursor, from, to);
        if (from < to && cursor.TokenAt(from).Is("not"))
            from++;
        if (to - from < 3 || !cursor.TokenAt(to - 1).IsMark(')'))
            return false;
        if (cursor.TokenAt(from).IsMark('('))
            return NullnessReader.Closing(cursor, from, to) == to - 1 && cursor.TokenAt(from + 1).Is("select") && IsOneRow(cursor, from + 2, to - 1);
        if (!cursor.TokenAt(from + 1).IsMark('(') || NullnessReader.Closing(cursor, from + 1, to) != to - 1)
            return false;
        return cursor.TokenAt(from).Is("exists")
            || (cursor.TokenAt(from).Is("coalesce") && Enumerable.Range(from, to - from).Any(i => cursor.TokenAt(i).Is("select")) && NullnessReader.Of(cursor, from, to) == Nullness.Never);
    }

    /// <summary><c>coalesce(column, …)</c>, where nothing converts the column's value to another type.</summary>
    public static bool IsFilled(TokenCursor cursor, int from, int to, string column, string alias)
    {
        if (AfterOwn(cursor, from, to, column, alias) is not { } at)
            return false;
        // The row that was to be inserted has the column's own type.
        if (to - 1 - at == 3 && cursor.TokenAt(at).Is("excluded"))
            return cursor.TokenAt(at + 2).Value == column;
        if (to - 1 - at == 2 && cursor.TokenAt(at).IsOperator("-"))
            at++;
        if (to - 1 - at == 1)
            return cursor.TokenAt(at).Kind is SqlTokenKind.Number or SqlTokenKind.Text || cursor.TokenAt(at).Is("true") || cursor.TokenAt(at).Is("false") || cursor.TokenAt(at).Is("current_date");
        return cursor.TokenAt(at).IsName && Array.Exists(SameType, cursor.TokenAt(at).Is) && cursor.TokenAt(at + 1).IsMark('(') && NullnessReader.Closing(cursor, at + 1, to - 1) == to - 2;
    }

    /// <summary>Where in <c>coalesce(column, …)</c> the second argument begins; null where it is something else.</summary>
    public static int? AfterOwn(TokenCursor cursor, int from, int to, string column, string alias)
    {
        if (to - from < 6 || !cursor.TokenAt(from).Is("coalesce") || !cursor.TokenAt(from + 1).IsMark('(') || NullnessReader.Closing(cursor, from + 1, to) != to - 1)
            return null;
        var at = from + 2;
        if (cursor.TokenAt(at + 1).IsMark('.'))
        {
            if (cursor.TokenAt(at).Value != alias)
                return null;
            at += 2;
        }

        return at + 2 < to && cursor.TokenAt(at).IsName && cursor.TokenAt(at).Value == column && cursor.TokenAt(at + 1).IsMark(',') ? at + 2 : null;
    }

    /// <summary>Of a select list of one expression that is never NULL, in a query that always gives one row.</summary>
    private static bool IsOneRow(TokenCursor cursor, int from, int to)
    {
        var (depth, end) = (0, -1);
        for (var i = from; i < to; i++)
        {
            var token = cursor.TokenAt(i);
            depth += token.IsMark('(') || token.IsMark('[') ? 1 : token.IsMark(')') || token.IsMark(']') ? -1 : 0;
            if (depth != 0)
                continue;
            if (Array.Exists(Groups, token.Is) || (end < 0 && token.IsMark(',')))
                return false;
            if (end < 0 && (token.Is("from") || token.Is("where")))
                end = i;
        }

        var hasRows = end >= 0;
        end = hasRows ? end : to;
        var name = Enumerable.Range(from, end - from).LastOrDefault(i => cursor.TokenAt(i).Is("as"), -1);
        (from, end) = WithoutCast(cursor, from, name > from && name == end - 2 ? name : end);
        if (!hasRows)
            return NullnessReader.Of(cursor, from, end) == Nullness.Never;
        if (end - from < 3 || !cursor.TokenAt(from + 1).IsMark('('))
            return false;
        var close = NullnessReader.Closing(cursor, from + 1, end);
        if (cursor.TokenAt(from).Is("count"))
            return close == end - 1 || (close > 0 && cursor.TokenAt(close + 1).Is("filter"));
        return close == end - 1 && cursor.TokenAt(from).Is("coalesce") && NullnessReader.Of(cursor, from, end) == Nullness.Never
            && Enumerable.Range(from, end - from).All(i => !cursor.TokenAt(i).Is("select") && !cursor.TokenAt(i).Is("over"))
            && Enumerable.Range(from, end - from - 1).Any(i => Array.Exists(Aggregates, cursor.TokenAt(i).Is) && cursor.TokenAt(i + 1).IsMark('('));
    }

    /// <summary>Without <c>::type</c>.</summary>
    private static (int From, int To) WithoutCast(TokenCursor cursor, int from, int to) =>
        to - from > 3 && cursor.TokenAt(to - 1).IsName && cursor.TokenAt(to - 2).IsMark(':') && cursor.TokenAt(to - 3).IsMark(':') ? (from, to - 3) : (from, to);
}
