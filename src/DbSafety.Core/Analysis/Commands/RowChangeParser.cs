namespace DbSafety.Analysis.Commands;

/// <summary>Reads one INSERT, UPDATE, DELETE or MERGE, whose first word was taken already.</summary>
internal static class RowChangeParser
{
    public static RowChange? Delete(TokenCursor cursor, string? schema)
    {
        if (!cursor.Take("from"))
            return null;
        var from = cursor.Position;
        if (Table(cursor, schema) is not { } table)
            return null;
        var end = cursor.Find("returning");
        var where = Math.Min(cursor.Find("where"), end);
        var join = Math.Min(cursor.Find("using"), where);
        return new RowChange(RowChangeKind.Delete, table, cursor.Text(from, join), where < end ? cursor.Text(where, end) : null, join < where);
    }

    public static RowChange? Update(TokenCursor cursor, string? schema)
    {
        var from = cursor.Position;
        if (Table(cursor, schema) is not { } table)
            return null;
        var set = cursor.Find("set");
        if (set >= cursor.Count || !cursor.TokenAt(set).Is("set"))
            return null;
        cursor.BackTo(set + 1);
        var end = cursor.Find("returning");
        var where = Math.Min(cursor.Find("where"), end);
        var join = Math.Min(FindFrom(cursor), where);
        return new RowChange(RowChangeKind.Update, table, cursor.Text(from, set), where < end ? cursor.Text(where, end) : null, join < where) { Columns = Assigned(cursor, join) };
    }

    /// <summary>With ON CONFLICT DO UPDATE it may also overwrite.</summary>
    public static IReadOnlyList<RowChange> Insert(TokenCursor cursor, string? schema)
    {
        if (!cursor.Take("into") || cursor.TakeRelation(schema) is not { } table)
            return [];
        var insert = new RowChange(RowChangeKind.Insert, table, "", null, Joins: false);
        cursor.BackTo(cursor.Find("conflict"));
        if (!cursor.Take("conflict"))
            return [insert];
        cursor.BackTo(cursor.Find("do"));
        if (!cursor.Take("do", "update", "set"))
            return [insert];
        var end = Math.Min(cursor.Find("where"), cursor.Find("returning"));
        return [insert, new RowChange(RowChangeKind.Update, table, "", null, Joins: true) { Columns = Assigned(cursor, end) }];
    }

    public static IReadOnlyList<RowChange> Merge(TokenCursor cursor, string? schema)
    {
        if (!cursor.Take("into") || Table(cursor, schema) is not { } table)
            return [];
        var changes = new List<RowChange>();
        while (cursor.Find("then") is var then && then < cursor.Count && cursor.TokenAt(then).Is("then"))
        {
            cursor.BackTo(then + 1);
            if (cursor.Take("delete"))
                changes.Add(new RowChange(RowChangeKind.Delete, table, "", null, Joins: true));
            else if (cursor.Take("update", "set"))
                changes.Add(new RowChange(RowChangeKind.Update, table, "", null, Joins: true) { Columns = Assigned(cursor, cursor.Find("when", "returning")) });
            else if (cursor.Take("insert"))
                changes.Add(new RowChange(RowChangeKind.Insert, table, "", null, Joins: true));
        }

        return [.. changes.DistinctBy(c => c.Kind)];
    }

    private static RelationName? Table(TokenCursor cursor, string? schema)
    {
        var inParentheses = cursor.Take("only") && cursor.TakeMark('(');
        var table = cursor.TakeRelation(schema);
        if (inParentheses)
            cursor.TakeMark(')');
        return table;
    }

    /// <summary>The FROM of the UPDATE itself, not the one of IS DISTINCT FROM.</summary>
    private static int FindFrom(TokenCursor cursor)
    {
        var from = cursor.Find("from");
        if (from >= cursor.Count || !cursor.TokenAt(from).Is("from") || !cursor.TokenAt(from - 1).Is("distinct"))
            return from;
        var here = cursor.Position;
        cursor.BackTo(from + 1);
        from = FindFrom(cursor);
        cursor.BackTo(here);
        return from;
    }

    private static List<string> Assigned(TokenCursor cursor, int end)
    {
        var columns = new List<string>();
        while (cursor.Position < end)
        {
            if (cursor.AtMark('('))
                columns.AddRange(cursor.TakeNamesInParentheses());
            else if (cursor.TakeName() is { } name)
                columns.Add(name);
            cursor.SkipUntilComma();
            if (cursor.Position >= end || !cursor.TakeMark(','))
                break;
        }

        cursor.BackTo(end);
        return columns;
    }
}
