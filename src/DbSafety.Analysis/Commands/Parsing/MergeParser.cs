using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Reads a MERGE, whose first word was taken already: what its branches do, and to which rows.</summary>
internal static class MergeParser
{
    /// <summary>A branch. It takes only rows that no branch before it has taken.</summary>
    /// <param name="Condition">Behind AND; null if there is none.</param>
    private sealed record Branch(bool IsMatched, bool IsBySource, string? Condition);

    public static IReadOnlyList<RowChange> Changes(TokenCursor cursor, string? schema)
    {
        if (!cursor.Take("into") || RowChangeParser.Target.Take(cursor, schema) is not { } target)
            return [];
        var (source, on) = Source(cursor);
        var changes = new List<RowChange>();
        var branches = new List<Branch>();
        while (cursor.Find("then") is var then && then < cursor.Count && cursor.TokenAt(then).Is("then"))
        {
            var branch = ReadBranch(cursor, then);
            cursor.BackTo(then + 1);
            if (cursor.Take("delete"))
                changes.Add(Change(RowChangeKind.Delete, new([], [])));
            else if (cursor.Take("update", "set"))
                changes.Add(Change(RowChangeKind.Update, RowChangeParser.Assignments.Take(cursor, cursor.Find("when", "returning"), target.Alias)));
            else if (cursor.Take("insert"))
                changes.Add(new RowChange(RowChangeKind.Insert, target.Table, "", null, Joins: true));
            branches.Add(branch);

            RowChange Change(RowChangeKind kind, RowChangeParser.Assignments assigned) => new(kind, target.Table, target.From, null, Joins: true)
            {
                Columns = assigned.Columns,
                Nulled = assigned.Nulled,
                Defaulted = assigned.Defaulted,
                NeverNull = assigned.NeverNull,
                Filled = assigned.Filled,
                Alias = target.Alias,
                Chosen = Rows(source, on, branch, branches),
                IsUncountable = source is null || on is null || !(branch.IsMatched || branch.IsBySource),
            };
        }

        return [.. changes.GroupBy(c => c.Kind).Select(Together)];
    }

    /// <summary>A CASE in the condition has a WHEN of its own, which this does not distinguish from the MERGE's.</summary>
    private static (string? Source, string? On) Source(TokenCursor cursor)
    {
        var when = cursor.Find("when");
        var isRead = cursor.Take("using");
        var on = cursor.Find("on");
        if (!isRead || on >= when || cursor.Find("case") < cursor.Count)
            return (null, null);
        var source = cursor.Text(cursor.Position, on);
        cursor.BackTo(when);
        return (source, cursor.Text(on + 1, when));
    }

    private static Branch ReadBranch(TokenCursor cursor, int then)
    {
        cursor.BackTo(Math.Min(cursor.Find("when"), then));
        cursor.Take("when");
        var isNot = cursor.Take("not");
        cursor.Take("matched");
        var bySource = cursor.Take("by", "source");
        if (!bySource)
            cursor.Take("by", "target");
        return new Branch(!isNot, bySource, cursor.Take("and") ? cursor.Text(cursor.Position, then) : null);
    }

    private static string? Rows(string? source, string? on, Branch branch, List<Branch> before)
    {
        if (source is null || on is null)
            return null;
        var conditions = new List<string>();
        if (branch.Condition is { } own)
            conditions.Add($"({own})");
        conditions.AddRange(before.Where(b => b.IsMatched == branch.IsMatched && b.IsBySource == branch.IsBySource).Select(b => $"({b.Condition ?? "true"}) IS NOT TRUE"));
        var and = string.Concat(conditions.Select(c => " AND " + c));
        return branch.IsBySource ? $"NOT EXISTS (SELECT FROM {source} WHERE {on}){and}" : $"EXISTS (SELECT FROM {source} WHERE ({on}){and})";
    }

    private static RowChange Together(IGrouping<RowChangeKind, RowChange> changes)
    {
        var first = changes.First();
        return first with
        {
            Columns = [.. changes.SelectMany(c => c.Columns).Distinct()],
            Nulled = [.. changes.SelectMany(c => c.Nulled).Distinct()],
            Defaulted = [.. changes.SelectMany(c => c.Defaulted).Distinct()],
            NeverNull = [.. changes.SelectMany(c => c.NeverNull).Distinct().Except(changes.SelectMany(c => c.Columns.Except(c.NeverNull)))],
            Chosen = first.Chosen is null ? null : string.Join(" OR ", changes.Select(c => c.Chosen)),
            IsUncountable = changes.Any(c => c.IsUncountable),
        };
    }
}
