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

    /// <summary>Only NULL is replaced, and nothing converts the column's value to another type.</summary>
    public static bool IsFilled(TokenCursor cursor, int from, int to, string column, string alias)
    {
        if (InPlaceOfNull(cursor, from, to, column, alias) is not var (at, end))
            return false;
        // The row that was to be inserted has the column's own type.
        if (end - at == 3 && cursor.TokenAt(at).Is("excluded"))
            return cursor.TokenAt(at + 2).Value == column;
        if (end - at == 2 && cursor.TokenAt(at).IsOperator("-"))
            at++;
        if (end - at == 1)
            return cursor.TokenAt(at).Kind is SqlTokenKind.Number or SqlTokenKind.Text || cursor.TokenAt(at).Is("true") || cursor.TokenAt(at).Is("false") || cursor.TokenAt(at).Is("current_date");
        return end - at > 1 && cursor.TokenAt(at).IsName && Array.Exists(SameType, cursor.TokenAt(at).Is) && cursor.TokenAt(at + 1).IsMark('(') && NullnessReader.Closing(cursor, at + 1, end) == end - 1;
    }

    /// <summary>What is assigned in place of NULL by <c>coalesce(column, …)</c> or <c>CASE WHEN column IS NULL THEN … ELSE column END</c>; null where it is something else.</summary>
    public static (int From, int To)? InPlaceOfNull(TokenCursor cursor, int from, int to, string column, string alias)
    {
        while (to - from > 2 && cursor.TokenAt(from).IsMark('(') && NullnessReader.Closing(cursor, from, to) == to - 1)
            (from, to) = (from + 1, to - 1);
        if (to - from < 6)
            return null;
        if (cursor.TokenAt(from).Is("case") && cursor.TokenAt(to - 1).Is("end"))
            return InCase(cursor, from + 1, to - 1, column, alias);
        return cursor.TokenAt(from).Is("coalesce") && cursor.TokenAt(from + 1).IsMark('(') && NullnessReader.Closing(cursor, from + 1, to) == to - 1
            && AfterOwn(cursor, from + 2, to, column, alias) is { } at && cursor.TokenAt(at).IsMark(',') ? (at + 1, to - 1) : null;
    }

    /// <summary>Between CASE and END.</summary>
    private static (int From, int To)? InCase(TokenCursor cursor, int from, int to, string column, string alias)
    {
        var isInParentheses = cursor.TokenAt(from + 1).IsMark('(');
        if (!cursor.TokenAt(from).Is("when") || AfterOwn(cursor, from + (isInParentheses ? 2 : 1), to, column, alias) is not { } at || !cursor.TokenAt(at++).Is("is"))
            return null;
        var isNot = cursor.TokenAt(at).Is("not");
        at += isNot ? 1 : 0;
        if (at + 4 > to || !cursor.TokenAt(at++).Is("null") || (isInParentheses && !cursor.TokenAt(at++).IsMark(')')) || !cursor.TokenAt(at++).Is("then"))
            return null;
        if (isNot)
            return AfterOwn(cursor, at, to, column, alias) is { } otherwise && cursor.TokenAt(otherwise).Is("else") ? (otherwise + 1, to) : null;
        var last = Enumerable.Range(at, to - at).LastOrDefault(i => cursor.TokenAt(i).Is("else"), at);
        return last > at && AfterOwn(cursor, last + 1, to + 1, column, alias) == to && !Enumerable.Range(at, last - at).Any(i => cursor.TokenAt(i).Is("when")) ? (at, last) : null;
    }

    /// <summary>What follows the column, before that end; null where it is something else.</summary>
    private static int? AfterOwn(TokenCursor cursor, int at, int to, string column, string alias)
    {
        if (at + 2 < to && cursor.TokenAt(at + 1).IsMark('.'))
        {
            if (cursor.TokenAt(at).Value != alias)
                return null;
            at += 2;
        }

        return at + 1 < to && cursor.TokenAt(at).IsName && cursor.TokenAt(at).Value == column ? at + 1 : null;
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
