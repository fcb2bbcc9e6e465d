using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis;

/// <summary>What the live database is asked about a change of rows.</summary>
internal static class RowQuestion
{
    public static LiveQuestion OfDelete(RowChange change, StatementContext context) =>
        new(LiveFactKind.RowsWhere, context.History.Live(change.Table), LiveReach.DeleteCascades)
        {
            Condition = IsWrittenLive(change, context) ? change.Touched : null,
            Alias = change.Alias,
            Proves = context.Proves(change.Table),
        };

    /// <summary>Null where the statement lists the rows it overwrites (INSERT … VALUES … ON CONFLICT).</summary>
    public static LiveQuestion? OfUpdate(RowChange change, StatementContext context)
    {
        if (change.From.Length == 0)
            return null;
        var live = context.History.Live(change.Table);
        var all = change with { Where = null, Joins = false, Others = null, With = null, Chosen = null, IsUncountable = false, From = AllFrom(change, live) };
        var old = change.Columns.Where(c => !context.History.IsAdded(change.Table, c)).Distinct().ToList();
        var columns = old.Select(c => new LiveColumn(c, change.Column(context.History.LiveColumn(change.Table, c)))).ToList();
        var isWritten = IsWrittenLive(change, context) && old.TrueForAll(c => context.History.LiveColumn(change.Table, c) == c);
        return new LiveQuestion(LiveFactKind.RowsWhere, live)
        {
            Condition = isWritten ? change.Losing(old) : null,
            Overwrite = new LiveOverwrite(isWritten ? change.Touched : null, all.Touched!, all.Losing([.. old.Select(c => context.History.LiveColumn(change.Table, c))]), columns) 
            {
                Nulled = [.. change.Nulled.Intersect(old)],
                Defaulted = [.. change.Defaulted.Intersect(old)],
                MayBeNull = [.. old.Except(change.NeverNull).Select(c => context.History.LiveColumn(change.Table, c))],
            },
            Proves = context.Proves(change.Table),
        };
    }

    /// <summary>What can be asked where the statement's condition is not all there: about all rows. Null: nothing.</summary>
    public static LiveQuestion? OfAll(LiveQuestion? question) =>
        question?.Overwrite is { } overwrite ? question with { Condition = null, Overwrite = overwrite with { Touched = null } } : null;

    /// <summary>The conditions mean in the live database what they mean in the script.</summary>
    private static bool IsWrittenLive(RowChange change, StatementContext context) =>
        context.History.Live(change.Table) == change.Table && !(context.Script.SearchPath.IsTouched && change.ReadsOthers);

    private static string AllFrom(RowChange change, RelationName live) =>
        live == change.Table ? change.From : $"{live.Sql} AS {Databases.SqlName.Quote(change.Alias)}";
}
