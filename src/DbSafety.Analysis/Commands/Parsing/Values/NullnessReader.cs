using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing.Values;

/// <summary>Reads from the text of an expression whether its value is NULL. What it does not understand is unknown.</summary>
internal static class NullnessReader
{
    private static readonly string[] Constants = ["true", "false", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user", "session_user", "user"];

    /// <summary>Functions whose result is never NULL, whatever their arguments are.</summary>
    private static readonly string[] NeverNull =
        ["now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday", "random", "gen_random_uuid", "uuid_generate_v1", "uuid_generate_v4", "uuidv4", "uuidv7", "txid_current", "concat", "concat_ws", "jsonb_build_object", "json_build_object", "jsonb_build_array", "json_build_array", "array", "row", "nextval"];

    /// <summary>What begins one of these clauses ends the select list.</summary>
    private static readonly string[] Clauses = ["from", "where", "group", "having", "window", "order", "limit", "offset", "fetch", "union", "intersect", "except", "for", "into"];

    /// <summary>Operators that give NULL where one of their operands is NULL.</summary>
    private static readonly string[] Strict = ["+", "-", "*", "/", "%"];

    public static Nullness Of(TokenCursor cursor, int from, int to)
    {
        if (to <= from)
            return Nullness.Unknown;
        if (to - from == 1)
            return OfOne(cursor.TokenAt(from));
        if (cursor.TokenAt(from).IsMark('(') && Closing(cursor, from, to) == to - 1)
            return cursor.TokenAt(from + 1).Is("select") || cursor.TokenAt(from + 1).Is("values") ? OfQuery(cursor, from + 1, to - 1) : Of(cursor, from + 1, to - 1);
        if (cursor.TokenAt(from).Is("case") && cursor.TokenAt(to - 1).Is("end") && OfCase(cursor, from, to) is { } ofCase)
            return ofCase;
        if (LastCast(cursor, from, to) is > 0 and var cast)
            return Of(cursor, from, cast);
        if (Split(cursor, from, to) is { Count: > 1 } operands)
            return OfOperands(cursor, operands);
        if (cursor.TokenAt(from).IsName && OpeningOfCall(cursor, from, to) is > 0 and var open && Closing(cursor, open, to) == to - 1)
            return OfCall(cursor, cursor.TokenAt(open - 1), open + 1, to - 1);
        // DATE '2020-01-01', INTERVAL '1 day', ARRAY[…].
        var text = cursor.TokenAt(to - 1).Kind == SqlTokenKind.Text && Enumerable.Range(from, to - from - 1).All(i => cursor.TokenAt(i).Kind == SqlTokenKind.Word);
        return text || (cursor.TokenAt(from).Is("array") && cursor.TokenAt(from + 1).IsMark('[') && Closing(cursor, from + 1, to) == to - 1) ? Nullness.Never : Nullness.Unknown;
    }

    /// <summary>The columns of a query that gives one row or none: none is NULL as well.</summary>
    public static IReadOnlyList<Nullness> OfColumns(TokenCursor cursor, int from, int to)
    {
        if (cursor.TokenAt(from).Is("values"))
            return from + 1 < to && cursor.TokenAt(from + 1).IsMark('(') && Closing(cursor, from + 1, to) == to - 1 ? OfList(cursor, from + 2, to - 1) : [];
        var end = from + 1;
        for (var depth = 0; end < to && !(depth == 0 && Array.Exists(Clauses, cursor.TokenAt(end).Is)); end++)
            depth += Depth(cursor.TokenAt(end));
        // Another query may give another row.
        if (Enumerable.Range(from, to - from).Any(i => cursor.TokenAt(i).Is("union") || cursor.TokenAt(i).Is("intersect") || cursor.TokenAt(i).Is("except")))
            return [];
        return [.. OfList(cursor, from + 1, end).Select(n => n == Nullness.Always ? n : Nullness.Unknown)];
    }

    /// <summary>Of each expression in a list.</summary>
    public static IReadOnlyList<Nullness> OfList(TokenCursor cursor, int from, int to)
    {
        var (found, depth, start) = (new List<Nullness>(), 0, from);
        for (var i = from; i <= to; i++)
        {
            if (i < to && !(depth == 0 && cursor.TokenAt(i).IsMark(',')))
            {
                depth += Depth(cursor.TokenAt(i));
                continue;
            }

            var name = Enumerable.Range(start, i - start).LastOrDefault(a => cursor.TokenAt(a).Is("as"), -1);
            found.Add(Of(cursor, start, name > start && name == i - 2 ? name : i));
            start = i + 1;
        }

        return found;
    }

    /// <summary>The place of the parenthesis that closes the one there.</summary>
    public static int Closing(TokenCursor cursor, int open, int to)
    {
        for (var (i, depth) = (open, 0); i < to; i++)
        {
            depth += Depth(cursor.TokenAt(i));
            if (depth == 0)
                return i;
        }

        return -1;
    }

    private static Nullness OfOne(SqlToken token) => token.Is("null") ? Nullness.Always
        : token.Kind is SqlTokenKind.Text or SqlTokenKind.Number || Array.Exists(Constants, token.Is) ? Nullness.Never : Nullness.Unknown;

    private static Nullness OfQuery(TokenCursor cursor, int from, int to) => OfColumns(cursor, from, to) is [Nullness.Always] ? Nullness.Always : Nullness.Unknown;

    private static Nullness OfCall(TokenCursor cursor, SqlToken name, int from, int to)
    {
        if (name.Is("cast") && Enumerable.Range(from, to - from).LastOrDefault(i => cursor.TokenAt(i).Is("as"), -1) is > 0 and var at)
            return Of(cursor, from, at);
        if (name.Is("coalesce") || name.Is("greatest") || name.Is("least"))
            return OfList(cursor, from, to) is var all && all.Contains(Nullness.Never) ? Nullness.Never : all.All(n => n == Nullness.Always) ? Nullness.Always : Nullness.Unknown;
        if (name.Is("nullif"))
        {
            var comma = from;
            for (var depth = 0; comma < to && !(depth == 0 && cursor.TokenAt(comma).IsMark(',')); comma++)
                depth += Depth(cursor.TokenAt(comma));
            return Of(cursor, from, comma) == Nullness.Always || IsSame(cursor, from, comma, comma + 1, to) ? Nullness.Always : Nullness.Unknown;
        }

        return Array.Exists(NeverNull, name.Is) ? Nullness.Never : Nullness.Unknown;
    }

    /// <summary>Null: it is more than one CASE.</summary>
    private static Nullness? OfCase(TokenCursor cursor, int from, int to)
    {
        var (results, depth, cases, start, hasElse) = (new List<Nullness>(), 0, 0, -1, false);
        for (var i = from; i < to; i++)
        {
            var token = cursor.TokenAt(i);
            depth += Depth(token);
            cases += token.Is("case") ? 1 : 0;
            if (depth == 0 && cases == 1 && start >= 0 && (token.Is("when") || token.Is("else") || token.Is("end")))
            {
                results.Add(Of(cursor, start, i));
                start = -1;
            }

            if (depth == 0 && cases == 1 && (token.Is("then") || token.Is("else")))
                (start, hasElse) = (i + 1, token.Is("else"));
            cases -= token.Is("end") ? 1 : 0;
            if (cases == 0 && i < to - 1)
                return null;
        }

        return results.TrueForAll(r => r == Nullness.Always) ? Nullness.Always : hasElse && results.TrueForAll(r => r == Nullness.Never) ? Nullness.Never : Nullness.Unknown;
    }

    private static Nullness OfOperands(TokenCursor cursor, List<(int From, int To, string? Operator)> operands)
    {
        var found = operands.Select(o => o.To == o.From ? Nullness.Never : Of(cursor, o.From, o.To)).ToList();
        // A value of an array and NULL give that array, so || decides nothing.
        if (operands.TrueForAll(o => o.Operator is null || Strict.Contains(o.Operator)) && found.Contains(Nullness.Always))
            return Nullness.Always;
        return operands.TrueForAll(o => o.Operator is null or "||" || Strict.Contains(o.Operator)) && found.TrueForAll(n => n == Nullness.Never) ? Nullness.Never : Nullness.Unknown;
    }

    /// <summary>By the operators outside parentheses; one part where a word such as IS or AND stands there.</summary>
    private static List<(int From, int To, string? Operator)> Split(TokenCursor cursor, int from, int to)
    {
        var (parts, depth, start) = (new List<(int, int, string?)>(), 0, from);
        for (var i = from; i < to; i++)
        {
            depth += Depth(cursor.TokenAt(i));
            if (depth != 0 || cursor.TokenAt(i).Kind != SqlTokenKind.Operator)
                continue;
            parts.Add((start, i, cursor.TokenAt(i).Value));
            start = i + 1;
        }

        parts.Add((start, to, null));
        return parts;
    }

    /// <summary>Of a call that begins there: <c>name(</c> or <c>schema.name(</c>.</summary>
    private static int OpeningOfCall(TokenCursor cursor, int from, int to)
    {
        var i = from + 1;
        while (i + 1 < to && cursor.TokenAt(i).IsMark('.') && cursor.TokenAt(i + 1).IsName)
            i += 2;
        return i < to && cursor.TokenAt(i).IsMark('(') ? i : -1;
    }

    /// <summary>The last <c>::</c> outside parentheses with nothing but a type behind it.</summary>
    private static int LastCast(TokenCursor cursor, int from, int to)
    {
        var (depth, cast) = (0, -1);
        for (var i = from; i + 1 < to; i++)
        {
            depth += Depth(cursor.TokenAt(i));
            if (depth == 0 && cursor.TokenAt(i).IsMark(':') && cursor.TokenAt(i + 1).IsMark(':'))
                (cast, i) = (i, i + 1);
            else if (depth == 0 && cursor.TokenAt(i).Kind == SqlTokenKind.Operator)
                cast = -1;
        }

        // An operator before it binds less than the cast does.
        return cast > from && Split(cursor, from, cast).Count == 1 ? cast : -1;
    }

    private static bool IsSame(TokenCursor cursor, int from, int to, int otherFrom, int otherTo)
    {
        if (to - from != otherTo - otherFrom || to <= from)
            return false;
        for (var i = 0; i < to - from; i++)
        {
            if (!string.Equals(cursor.TokenAt(from + i).Value, cursor.TokenAt(otherFrom + i).Value, StringComparison.Ordinal))
                return false;
        }

        return true;
    }

    private static int Depth(SqlToken token) => token.IsMark('(') || token.IsMark('[') ? 1 : token.IsMark(')') || token.IsMark(']') ? -1 : 0;
}
