namespace DbSafety.Analysis;

/// <summary>One DELETE or UPDATE, wherever in a statement it stands: on its own, in a WITH, under EXPLAIN, in a COPY.</summary>
/// <param name="From">The table with its alias as written, for a query about the same rows.</param>
/// <param name="Where">From the word WHERE on; null where there is none.</param>
/// <param name="Joins">It reads other tables too (USING, FROM, MERGE), which the live count does not repeat.</param>
internal sealed record RowChange(RelationName Table, string From, string? Where, bool Joins)
{
    /// <summary>What an UPDATE assigns to.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    public static IEnumerable<RowChange> Deletes(StatementContext context)
    {
        var tokens = context.Statement.Tokens;
        if (IsDefinition(context.Statement))
            yield break;
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            if (tokens[i].Is("delete") && tokens[i + 1].Is("from") && Read(context, i + 2, isDelete: true) is { } change)
                yield return change;
            else if (tokens[i].Is("then") && tokens[i + 1].Is("delete") && MergeTarget(context) is { } target)
                yield return new RowChange(target, "", null, Joins: true);
        }
    }

    public static IEnumerable<RowChange> Updates(StatementContext context)
    {
        var tokens = context.Statement.Tokens;
        if (IsDefinition(context.Statement))
            yield break;
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            if (tokens[i].Is("update") && (i == 0 || CanPrecedeUpdate(tokens[i - 1])) && Read(context, i + 1, isDelete: false) is { } change)
                yield return change;
        }
    }

    /// <summary>FOR UPDATE, ON CONFLICT DO UPDATE, BEFORE UPDATE and ON UPDATE CASCADE are no updates of their own.</summary>
    private static bool CanPrecedeUpdate(SqlToken token) =>
        token.IsMark('(') || token.IsMark(')') || token.Is("as") || token.Is("analyze") || token.Is("verbose");

    /// <summary>Rules, triggers, policies and routines only say what is to happen later.</summary>
    private static bool IsDefinition(SqlStatement statement) =>
        statement.StartsWith("create") && !statement.Tokens.Take(6).Any(t => t.Is("table") || t.Is("materialized"));

    private static RelationName? MergeTarget(StatementContext context)
    {
        var tokens = context.Statement.Tokens;
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            if (!tokens[i].Is("merge") || !tokens[i + 1].Is("into"))
                continue;
            var cursor = new TokenCursor(tokens, i + 2);
            cursor.Take("only");
            return cursor.TakeRelation(context.SearchSchema);
        }

        return null;
    }

    private static RowChange? Read(StatementContext context, int at, bool isDelete)
    {
        var tokens = context.Statement.Tokens;
        var cursor = new TokenCursor(tokens, at);
        cursor.Take("only");
        if (cursor.TakeRelation(context.SearchSchema) is not { } table)
            return null;
        var end = EndOfCommand(tokens, cursor.Position);
        var alias = cursor.Position;
        var set = isDelete ? alias : Find(tokens, alias, end, "set");
        if (set < 0)
            return null;
        var where = Find(tokens, set, end, "where");
        var returning = Find(tokens, set, end, "returning");
        var stop = returning < 0 ? end : returning;
        var join = Find(tokens, set, where < 0 ? stop : where, isDelete ? "using" : "from");
        var fromEnd = join >= 0 ? join : isDelete ? (where >= 0 ? where : stop) : set;
        return new RowChange(table, Text(context.Statement, at, fromEnd), where < 0 ? null : Text(context.Statement, where, stop), join >= 0)
        {
            Columns = isDelete ? [] : Assigned(tokens, set + 1, join >= 0 ? join : where >= 0 ? where : stop),
        };
    }

    private static string Text(SqlStatement statement, int from, int to) =>
        to <= from ? "" : statement.Text[(statement.Tokens[from].Start - Base(statement))..(statement.Tokens[to - 1].End - Base(statement))];

    /// <summary>A statement cut out of a body keeps the body's offsets.</summary>
    private static int Base(SqlStatement statement) => statement.Offset;

    /// <summary>The parenthesis that closes the one the command stands in, or the end of the statement.</summary>
    private static int EndOfCommand(IReadOnlyList<SqlToken> tokens, int from)
    {
        var depth = 0;
        for (var i = from; i < tokens.Count; i++)
        {
            depth += tokens[i].IsMark('(') ? 1 : tokens[i].IsMark(')') ? -1 : 0;
            if (depth < 0)
                return i;
        }

        return tokens.Count;
    }

    private static int Find(IReadOnlyList<SqlToken> tokens, int from, int to, string word)
    {
        var depth = 0;
        for (var i = from; i < to; i++)
        {
            depth += tokens[i].IsMark('(') ? 1 : tokens[i].IsMark(')') ? -1 : 0;
            if (depth == 0 && tokens[i].Is(word))
                return i;
        }

        return -1;
    }

    private static List<string> Assigned(IReadOnlyList<SqlToken> tokens, int from, int to)
    {
        var columns = new List<string>();
        var cursor = new TokenCursor([.. tokens.Take(to)], from);
        do
        {
            if (cursor.TakeMark('('))
            {
                while (cursor.TakeName() is { } name)
                {
                    columns.Add(name);
                    cursor.TakeMark(',');
                }
            }
            else if (cursor.TakeName() is { } name)
            {
                columns.Add(name);
            }

            cursor.TakeUntilComma();
        }
        while (cursor.TakeMark(','));
        return columns;
    }
}
