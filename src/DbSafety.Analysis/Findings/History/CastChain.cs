using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.History;

/// <summary>A USING that is the column itself, cast once or more: <c>col::type</c>, <c>CAST(col AS type)</c>, <c>(col::text)::type</c>.</summary>
internal static class CastChain
{
    /// <summary>The types in the order in which the value goes through them; null if the expression computes anything else.</summary>
    public static IReadOnlyList<string>? Read(string expression, string column)
    {
        if (SqlSplitter.Split(expression) is not [var only])
            return null;
        var (tokens, from, to, casts) = (only.Tokens, 0, only.Tokens.Count, new List<string>());
        while (true)
        {
            if (to - from == 1)
                return tokens[from].IsName && tokens[from].Value == column ? casts : null;
            // The last cast is outermost; what is in parentheses stands before it.
            var (depth, cast, closed) = (0, -1, -1);
            for (var i = from; i < to; i++)
            {
                if (tokens[i].IsMark('(') || tokens[i].IsMark('['))
                    depth++;
                else if ((tokens[i].IsMark(')') || tokens[i].IsMark(']')) && --depth == 0 && closed < 0)
                    closed = i;
                else if (depth == 0 && i + 1 < to && tokens[i].IsMark(':') && tokens[i + 1].IsMark(':'))
                    (cast, i) = (i, i + 1);
            }

            if (cast > from && IsType(tokens, cast + 2, to))
            {
                casts.Insert(0, Text(tokens, cast + 2, to));
                to = cast;
            }
            else if (cast < 0 && tokens[from].IsMark('(') && closed == to - 1)
            {
                (from, to) = (from + 1, to - 1);
            }
            else if (cast < 0 && tokens[from].Is("cast") && to - from > 4 && tokens[from + 1].IsMark('(') && closed == to - 1)
            {
                var at = LastAs(tokens, from + 2, to - 1);
                if (at < 0 || !IsType(tokens, at + 1, to - 1))
                    return null;
                casts.Insert(0, Text(tokens, at + 1, to - 1));
                (from, to) = (from + 2, at);
            }
            else
            {
                return null;
            }
        }
    }

    /// <summary>Names, a limit and brackets: no operator and no COLLATE behind it.</summary>
    private static bool IsType(IReadOnlyList<SqlToken> tokens, int from, int to)
    {
        if (from >= to || !tokens[from].IsName)
            return false;
        for (var i = from; i < to; i++)
        {
            var isPart = tokens[i].IsName || tokens[i].Kind == SqlTokenKind.Number || "().,[]".Any(tokens[i].IsMark);
            if (!isPart || tokens[i].Is("collate") || tokens[i].Is("at") || tokens[i].Is("is"))
                return false;
        }

        return true;
    }

    private static int LastAs(IReadOnlyList<SqlToken> tokens, int from, int to)
    {
        for (var i = to - 1; i >= from; i--)
        {
            if (tokens[i].Is("as"))
                return i;
        }

        return -1;
    }

    private static string Text(IReadOnlyList<SqlToken> tokens, int from, int to) => tokens[from].Source[tokens[from].Start..tokens[to - 1].End];
}
