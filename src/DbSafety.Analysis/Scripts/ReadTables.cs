using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Scripts;

/// <summary>
/// The tables whose rows a query goes through: behind its own FROM and JOIN, and in the queries in these and in WITH. What conditions and
/// expressions look up is left out, and so are queries with a LIMIT.
/// </summary>
internal static class ReadTables
{
    public static IEnumerable<RelationName> Of(SqlStatement statement, string? schema)
    {
        var cursor = new TokenCursor(statement.Tokens);
        if (cursor.Find("limit", "fetch") < cursor.Count)
            yield break;
        var (named, open) = (Named(statement), new Stack<bool>([true]));
        for (var i = 0; i < statement.Tokens.Count; i++)
        {
            var token = statement.Tokens[i];
            if (token.IsMark('('))
                open.Push(open.Peek() && (i == 0 || OpensQuery(statement.Tokens[i - 1])));
            else if (token.IsMark(')') && open.Count > 1)
                open.Pop();
            if (!open.Peek() || !(token.Is("from") || token.Is("join")) || (i > 0 && statement.Tokens[i - 1].Is("distinct")))
                continue;
            cursor.BackTo(i + 1);
            cursor.TakeAny("only", "lateral");
            if (cursor.TakeRelation(schema) is { } table && !cursor.AtMark('(') && !(table.Schema == schema && named.Contains(table.Name)) && !IsCatalog(table))
                yield return table;
        }
    }

    private static bool OpensQuery(SqlToken before) =>
        before.Is("from") || before.Is("join") || before.Is("lateral") || before.Is("as") || before.Is("materialized") || before.Is("all") || before.Is("union") || before.IsMark('(');

    /// <summary>The queries in a WITH: name AS (…), name (columns) AS MATERIALIZED (…).</summary>
    private static HashSet<string> Named(SqlStatement statement)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (!statement.Contains("with"))
            return names;
        for (var i = 1; i < statement.Tokens.Count; i++)
        {
            if ((statement.Tokens[i - 1].Is("with") || statement.Tokens[i - 1].Is("recursive") || statement.Tokens[i - 1].IsMark(',')) && statement.Tokens[i].IsName)
                names.Add(statement.Tokens[i].Value);
        }

        return names;
    }

    private static bool IsCatalog(RelationName table) => table.Schema is "pg_catalog" or "information_schema" || table.Name.StartsWith("pg_", StringComparison.Ordinal);
}
