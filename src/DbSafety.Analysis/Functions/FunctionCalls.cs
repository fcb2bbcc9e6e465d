using System.Collections.Frozen;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Functions;

/// <summary>A function that a statement calls, as it is written there.</summary>
/// <param name="Schema">Null if none is written.</param>
/// <param name="At">The token that is its name.</param>
internal readonly record struct FunctionCall(string? Schema, string Name, int At);

/// <summary>Finds the calls of functions in the tokens of a query. Anything that may be a call counts as a call.</summary>
internal static class FunctionCalls
{
    /// <summary>What has parentheses behind it and is no function, or is one only by the grammar and does nothing but compute.</summary>
    private static readonly FrozenSet<string> Syntax = FrozenSet.Create(StringComparer.Ordinal,
        "all", "and", "any", "array", "as", "between", "bit", "by", "call", "case", "cast", "char", "character", "coalesce", "conflict", "cube", "current_time", "current_timestamp", "cursor", "localtime", "localtimestamp", "dec", "decimal", "distinct",
        "do", "else", "except", "exists", "explain", "extract", "filter", "float", "for", "format_type", "from", "generated", "greatest", "group", "grouping", "having", "if", "elsif", "ilike", "in", "instead",
        "also", "intersect", "interval", "into", "is", "join", "json", "json_array", "json_arrayagg", "json_exists", "json_object", "json_objectagg", "json_query", "json_scalar",
        "json_serialize", "json_table", "json_value", "key", "lateral", "least", "like", "limit", "loop", "materialized", "merge_action", "nchar", "normalize", "not", "nullif", "numeric", "offset", "on", "only",
        "or", "order", "over", "overlay", "partition", "perform", "position", "query", "references", "return", "returning", "rollup", "row", "rows", "select", "set", "sets", "similar", "some", "statement",
        "substring", "table", "then", "time", "timestamp", "to", "treat", "trim", "union", "unique", "using", "values", "varbit", "varchar", "varying", "when", "where", "while", "window", "with", "within",
        "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable");

    /// <summary>Behind these an expression begins; behind every other name its own name or its columns stand.</summary>
    private static readonly FrozenSet<string> BeforeExpressions = FrozenSet.Create(StringComparer.Ordinal,
        "all", "and", "any", "array", "assert", "asymmetric", "between", "by", "content", "document", "groups", "key", "overlaps", "passing", "placing", "reverse", "call", "case", "default", "distinct", "do", "else", "elsif", "elseif", "escape", "except", "exists", "exit", "for", "from", "having", "if",
        "ilike", "in", "intersect", "is", "isnull", "join", "lateral", "leading", "like", "limit", "loop", "next", "not", "notnull", "offset", "on", "or", "perform", "query", "range", "return", "returning", "row",
        "rows", "select", "set", "similar", "some", "symmetric", "then", "to", "trailing", "both", "union", "using", "value", "values", "variadic", "when", "where", "while", "zone");

    private static readonly string[] Queries = ["select", "insert", "update", "delete", "merge", "with", "values", "table"];

    /// <summary>It has parentheses behind it and is no function.</summary>
    public static bool IsSyntax(string word) => Syntax.Contains(word);

    public static IEnumerable<FunctionCall> In(IReadOnlyList<SqlToken> tokens, int from = 0)
    {
        for (var i = from + 1; i < tokens.Count; i++)
        {
            if (!tokens[i].IsMark('(') || !tokens[i - 1].IsName)
                continue;
            var (name, start) = (tokens[i - 1], i - 1);
            string? schema = null;
            while (start - 2 >= from && tokens[start - 1].IsMark('.') && tokens[start - 2].IsName)
            {
                schema ??= tokens[start - 2].Value;
                start -= 2;
            }

            if ((schema is null && name.Kind == SqlTokenKind.Word && Syntax.Contains(name.Value)) || (start > from && !MayBegin(tokens, start)) || (start > from && tokens[start - 1].IsMark(',') && IsQueryOfWith(tokens, i)))
                continue;
            yield return new FunctionCall(schema, name.Value, i - 1);
        }
    }

    /// <summary>The arguments of the call at that place, as written; null if they are not all there.</summary>
    public static IReadOnlyList<string>? Arguments(IReadOnlyList<SqlToken> tokens, int at)
    {
        var (arguments, depth, from) = (new List<string>(), 0, at + 2);
        for (var i = at + 1; i < tokens.Count; i++)
        {
            depth += tokens[i].IsMark('(') || tokens[i].IsMark('[') ? 1 : tokens[i].IsMark(')') || tokens[i].IsMark(']') ? -1 : 0;
            if (depth != 0 && !(depth == 1 && tokens[i].IsMark(',')))
                continue;
            if (i > from)
                arguments.Add(tokens[from].Source[tokens[from].Start..tokens[i - 1].End]);
            from = i + 1;
            if (depth == 0)
                return arguments;
        }

        return null;
    }

    /// <summary>Not behind a name or a parenthesis, where columns stand, nor behind what makes it a type, a table or an index.</summary>
    private static bool MayBegin(IReadOnlyList<SqlToken> tokens, int start)
    {
        var before = tokens[start - 1];
        return before.Kind switch
        {
            SqlTokenKind.Word => BeforeExpressions.Contains(before.Value),
            SqlTokenKind.QuotedName => false,
            SqlTokenKind.Punctuation => (!before.IsMark(')') || IsOpenedBehindOn(tokens, start - 1)) && !(before.IsMark(':') && start > 1 && tokens[start - 2].IsMark(':')),
            _ => true,
        };
    }

    /// <summary><c>DISTINCT ON (a) f(b)</c>, <c>a OPERATOR(pg_catalog.+) f(b)</c>.</summary>
    private static bool IsOpenedBehindOn(IReadOnlyList<SqlToken> tokens, int close)
    {
        var depth = 0;
        for (var i = close; i > 0; i--)
        {
            depth += tokens[i].IsMark(')') ? 1 : tokens[i].IsMark('(') ? -1 : 0;
            if (depth == 0)
                return tokens[i - 1].Is("operator") || (tokens[i - 1].Is("on") && i > 1 && tokens[i - 2].Is("distinct"));
        }

        return false;
    }


    /// <summary><c>WITH a (x) AS (SELECT …), b (y) AS (SELECT …)</c>: names of queries with their columns.</summary>
    private static bool IsQueryOfWith(IReadOnlyList<SqlToken> tokens, int open)
    {
        var (depth, i) = (0, open);
        for (; i < tokens.Count; i++)
        {
            depth += tokens[i].IsMark('(') ? 1 : tokens[i].IsMark(')') ? -1 : 0;
            if (depth == 0)
                break;
        }

        i++;
        if (i >= tokens.Count || !tokens[i].Is("as"))
            return false;
        while (++i < tokens.Count && (tokens[i].Is("not") || tokens[i].Is("materialized")))
        {
        }

        return i + 1 < tokens.Count && tokens[i].IsMark('(') && Array.Exists(Queries, tokens[i + 1].Is);
    }
}
