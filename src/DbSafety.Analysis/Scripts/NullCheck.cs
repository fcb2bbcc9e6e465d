using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Commands.Parsing.Values;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Scripts;

/// <summary>Whether a condition holds, or is NULL, wherever some columns are NULL: a CHECK then lets the row pass. What it does not understand fails.</summary>
internal static class NullCheck
{
    /// <summary>Operators that give NULL where their left operand is NULL.</summary>
    private static readonly string[] Strict = ["=", "<>", "!=", "<", ">", "<=", ">=", "~", "~*", "!~", "!~*", "+", "-", "*", "/", "%", "||"];

    private static readonly string[] StrictWords = ["like", "ilike", "in", "between", "not"];

    private static readonly string[] StrictFunctions = ["length", "char_length", "character_length", "octet_length", "lower", "upper", "btrim", "ltrim", "rtrim", "trim", "abs", "cardinality"];

    /// <summary>After these, NULL becomes true or false.</summary>
    private static readonly string[] Tests = ["is", "isnull", "notnull", "any", "some", "all", "exists"];

    /// <summary>Conditions within conditions; what is deeper is not looked into.</summary>
    private const int Deepest = 20;

    public static bool Passes(string condition, Func<string, bool> isNull) =>
        SqlSplitter.Split(condition) is [var only] && Passes(new TokenCursor(only.Tokens), 0, only.Tokens.Count, isNull, Deepest);

    private static bool Passes(TokenCursor cursor, int from, int to, Func<string, bool> isNull, int depth)
    {
        if (to <= from || depth == 0)
            return false;
        if (cursor.TokenAt(from).IsMark('(') && NullnessReader.Closing(cursor, from, to) == to - 1)
            return Passes(cursor, from + 1, to - 1, isNull, depth - 1);
        if (Split(cursor, from, to, "or") is { Count: > 1 } either)
            return either.Exists(p => Passes(cursor, p.From, p.To, isNull, depth - 1));
        if (Split(cursor, from, to, "and") is { Count: > 1 } both)
            return both.TrueForAll(p => Passes(cursor, p.From, p.To, isNull, depth - 1));
        return IsNullTest(cursor, from, to, isNull) || IsStrict(cursor, from, to, isNull);
    }

    private static bool IsNullTest(TokenCursor cursor, int from, int to, Func<string, bool> isNull) =>
        to - from == 3 && cursor.TokenAt(from).IsName && isNull(cursor.TokenAt(from).Value) && cursor.TokenAt(from + 1).Is("is") && cursor.TokenAt(from + 2).Is("null");

    /// <summary>It begins with such a column, or with a function of it that gives NULL for NULL, and goes on with an operator that does the same.</summary>
    private static bool IsStrict(TokenCursor cursor, int from, int to, Func<string, bool> isNull)
    {
        for (var i = from; i < to; i++)
        {
            if (Array.Exists(Tests, cursor.TokenAt(i).Is))
                return false;
        }

        var isCall = to - from > 4 && cursor.TokenAt(from + 1).IsMark('(') && cursor.TokenAt(from + 3).IsMark(')') && Array.Exists(StrictFunctions, cursor.TokenAt(from).Is);
        var (column, next) = isCall ? (from + 2, from + 4) : (from, from + 1);
        return next < to && cursor.TokenAt(column).IsName && isNull(cursor.TokenAt(column).Value)
            && (Array.Exists(Strict, cursor.TokenAt(next).IsOperator) || Array.Exists(StrictWords, cursor.TokenAt(next).Is));
    }

    /// <summary>The parts between these words outside parentheses; the AND of BETWEEN is none of them.</summary>
    private static List<(int From, int To)> Split(TokenCursor cursor, int from, int to, string word)
    {
        var (parts, depth, start, between) = (new List<(int, int)>(), 0, from, false);
        for (var i = from; i < to; i++)
        {
            var token = cursor.TokenAt(i);
            depth += token.IsMark('(') || token.IsMark('[') ? 1 : token.IsMark(')') || token.IsMark(']') ? -1 : 0;
            if (depth != 0)
                continue;
            if (between && token.Is("and"))
                between = false;
            else if (token.Is(word))
            {
                parts.Add((start, i));
                start = i + 1;
            }

            between |= token.Is("between");
        }

        parts.Add((start, to));
        return parts;
    }
}
