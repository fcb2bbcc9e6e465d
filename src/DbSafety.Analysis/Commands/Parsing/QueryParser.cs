using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>
/// Reads SELECT, INSERT, UPDATE, DELETE, MERGE and what they hold: every row change in a WITH or in parentheses is found, however deep.
/// </summary>
internal static class QueryParser
{
    /// <summary>In tokens; both clauses name columns, of which a query in a WITH rarely has more than a few.</summary>
    private const int LongestSearchOrCycle = 200;

    public static Command Parse(TokenCursor cursor, string? schema)
    {
        var from = cursor.Position;
        if (Into(cursor, schema, out var isTemporary) is { } made)
            return new Command.CreateTable(ObjectKind.Table, made) { IsTemporary = isTemporary, Changes = Changes(cursor, schema) };
        cursor.BackTo(from);
        var changes = Changes(cursor, schema);
        cursor.BackTo(from);
        // A change of rows that was not understood must not pass for a question.
        var isChange = cursor.At("delete") || cursor.At("update") || cursor.At("insert") || (cursor.At("merge") && cursor.Find("when") >= cursor.Count);
        return IsQuery(cursor) && (!isChange || changes.Count > 0) ? new Command.Query { Changes = changes } : new Command.Unknown { Changes = changes };
    }

    /// <summary>In PL/pgSQL SELECT … INTO fills variables and makes no table.</summary>
    public static Command.Query ParseInBody(TokenCursor cursor, string? schema) =>
        new() { Changes = Changes(cursor, schema) };

    /// <summary>Every change of rows from here to the end of the statement.</summary>
    public static IReadOnlyList<RowChange> Changes(TokenCursor cursor, string? schema)
    {
        List<RowChange>? changes = null;
        var start = cursor.Position;
        var with = cursor.At("with") || cursor.Position > 0;
        for (var i = start; i < cursor.Count; i++)
        {
            if (cursor.TokenAt(i) is not { Kind: SqlTokenKind.Word } word || !CanBegin(cursor, i, start, with))
                continue;
            cursor.BackTo(i + 1);
            IReadOnlyList<RowChange> found = word.Value switch
            {
                "delete" => RowChangeParser.Delete(cursor, schema) is { } delete ? [delete] : [],
                "update" => RowChangeParser.Update(cursor, schema) is { } update ? [update] : [],
                "insert" => RowChangeParser.Insert(cursor, schema),
                "merge" => MergeParser.Changes(cursor, schema),
                _ => [],
            };
            if (found.Count == 0)
                continue;
            var isFirst = changes is null;
            (changes ??= []).AddRange(found.Select(c => InWith(cursor, start, i, c, isFirst)));
        }

        return changes ?? (IReadOnlyList<RowChange>)[];
    }

    /// <summary>
    /// What is in a WITH has a name that the conditions may use: the queries before the statement's own command are read again with it. Where one of them changes rows,
    /// or the change is in the WITH itself, its rows cannot be chosen again.
    /// </summary>
    private static RowChange InWith(TokenCursor cursor, int start, int at, RowChange change, bool isFirst)
    {
        if (change.Kind == RowChangeKind.Insert || !change.ReadsOthers || !cursor.TokenAt(start).Is("with"))
            return change;
        return isFirst && IsOutside(cursor, start, at) ? change with { With = cursor.Text(start, at) } : change with { IsUncountable = true };
    }

    private static bool IsOutside(TokenCursor cursor, int from, int to)
    {
        var depth = 0;
        for (var i = from; i < to; i++)
            depth += cursor.TokenAt(i).IsMark('(') ? 1 : cursor.TokenAt(i).IsMark(')') ? -1 : 0;
        return depth == 0;
    }

    /// <summary>A command begins the statement, a parenthesis, or follows the parenthesis that closes a WITH; or behind AS in CREATE … AS.</summary>
    private static bool CanBegin(TokenCursor cursor, int at, int start, bool with)
    {
        if (at == 0 || at == start)
            return true;
        var before = cursor.TokenAt(at - 1);
        return before.IsMark('(') || (with && (before.IsMark(')') || before.Is("as") || IsBehindSearchOrCycle(cursor, at)));
    }

    /// <summary>SEARCH … SET place and CYCLE … SET mark USING path follow a WITH's parenthesis, before the command.</summary>
    private static bool IsBehindSearchOrCycle(TokenCursor cursor, int at)
    {
        for (var i = at - 1; i > 0 && i > at - LongestSearchOrCycle && !cursor.TokenAt(i).IsMark('('); i--)
        {
            if (cursor.TokenAt(i).IsMark(')'))
                return cursor.TokenAt(i + 1).Is("search") || cursor.TokenAt(i + 1).Is("cycle");
        }

        return false;
    }

    private static bool IsQuery(TokenCursor cursor)
    {
        if (cursor.TakeMark('('))
        {
            while (cursor.TakeMark('('))
            {
            }

            return IsQuery(cursor);
        }

        if (cursor.At("insert"))
            return cursor.At("insert", "into");
        if (cursor.At("delete"))
            return cursor.At("delete", "from");
        if (cursor.At("merge"))
            return cursor.At("merge", "into");
        return cursor.Count > cursor.Position && (cursor.At("select") || cursor.At("update") || cursor.At("with") || cursor.At("values") || cursor.At("table"));
    }

    /// <summary>The table of SELECT … INTO.</summary>
    private static RelationName? Into(TokenCursor cursor, string? schema, out bool isTemporary)
    {
        isTemporary = false;
        while (cursor.TakeMark('('))
        {
        }

        if (cursor.At("with"))
            cursor.BackTo(cursor.Find("select", "insert", "update", "delete", "merge", "values"));
        if (!cursor.Take("select"))
            return null;
        var into = cursor.Find("into", "from");
        if (into >= cursor.Count || !cursor.TokenAt(into).Is("into"))
            return null;
        cursor.BackTo(into + 1);
        isTemporary = CreateParser.TakeTemporary(cursor, "table");
        var table = cursor.TakeRelation(schema);
        cursor.BackTo(0);
        return table;
    }
}
