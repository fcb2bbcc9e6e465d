using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>
/// A dropped object is created again under its name, or a column is dropped and another column is added: the definition is restored or renamed, the values are lost.
/// </summary>
internal sealed class DropAndRecreate : IAnalysisRule
{
    public string Id => "drop-and-recreate";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context) => effect.Cause switch
    {
        Command.CreateTable { Kind: ObjectKind.Table } => Table(effect, context),
        TableAction.AddColumn add => SameColumn(add, effect, context) ?? RenamedTo(add.Column.Name, effect, context),
        TableAction.DropColumn drop => RenamedFrom(drop.Column, effect, context),
        _ => null,
    };

    private static Verdict? Table(Effect effect, StatementContext context)
    {
        if (context.History.Dropped(effect.Table) is not { } live)
            return null;
        var name = context.Display(effect.Table);
        return new Verdict(name, $"re-creates table {name}, which the same migrations dropped", "its rows are lost", $"Change {name} with ALTER TABLE, which keeps its rows.")
        {
            Question = new LiveQuestion(LiveFactKind.Rows, live),
        };
    }

    private static Verdict? SameColumn(TableAction.AddColumn add, Effect effect, StatementContext context)
    {
        var column = add.Column;
        if (context.CreatedHere(effect.Table) is not null || Dropped(effect, column.Name, context) is not { } live)
            return null;
        var name = context.Display(effect.Object);
        return new Verdict(name, $"adds column {name} again, which the same migrations dropped", "its values are lost", "Change its type in place, which keeps the values:")
        {
            SafeSql = column.Type.Length == 0 ? null : $"ALTER TABLE {context.Display(effect.Table)} ALTER COLUMN {SqlName.Display(column.Name)} TYPE {column.Type} USING {SqlName.Display(column.Name)}::{column.Type};",
            Question = new LiveQuestion(LiveFactKind.Values, live.Table) { Column = live.Column },
        };
    }

    /// <summary>By an earlier statement, or by an earlier action of this one.</summary>
    private static DroppedColumn? Dropped(Effect effect, string column, StatementContext context)
    {
        if (context.History.Dropped(effect.Table, column) is { } before)
            return before;
        return !Pairs(effect, context).IsDroppedBefore((TableAction)effect.Cause, column) || context.History.IsAdded(effect.Table, column) ? null
            : new DroppedColumn(context.History.Live(effect.Table), context.History.LiveColumn(effect.Table, column));
    }

    /// <summary>Built once for all effects of a statement.</summary>
    private static ColumnPairs Pairs(Effect effect, StatementContext context) =>
        context.Script.Pairs is { } known && ReferenceEquals(known.Alter, effect.Command) ? known
            : context.Script.Pairs = new ColumnPairs((Command.AlterTable)effect.Command, c => context.History.IsAdded(effect.Table, c));

    /// <summary>Reported at the dropped column, if its possible replacement was added before it.</summary>
    private static Verdict? RenamedFrom(string column, Effect effect, StatementContext context)
    {
        if (context.History.IsAdded(effect.Table, column))
            return null;
        var added = Pair(effect, context) is var (old, successor) ? (old == column ? successor : null) : context.Script.AddedColumn(effect.Table);
        return added is null || added == column ? null : Rename(column, added, effect, context);
    }

    /// <summary>Reported at the added column, if its possible predecessor was dropped before it.</summary>
    private static Verdict? RenamedTo(string column, Effect effect, StatementContext context)
    {
        var old = Pair(effect, context) is var (dropped, added) ? (added == column ? dropped : null) : context.Script.DroppedColumn(effect.Table);
        return old is null || old == column || context.History.IsAdded(effect.Table, old) ? null : Rename(old, column, effect, context);
    }

    /// <summary>Null: the statement does not do both; columns that are reported elsewhere, or have no partner, are empty.</summary>
    private static (string? Dropped, string? Added)? Pair(Effect effect, StatementContext context)
    {
        if (Pairs(effect, context) is not { HasBoth: true } pairs)
            return null;
        return pairs.At((TableAction)effect.Cause) is var (dropped, added) ? (dropped, added) : (null, null);
    }

    private static Verdict? Rename(string old, string added, Effect effect, StatementContext context)
    {
        if (context.CreatedHere(effect.Table) is not null)
            return null;
        var (table, name) = (context.Display(effect.Table), context.Display(effect.Table, old));
        var live = context.History.Dropped(effect.Table, old) ?? new DroppedColumn(context.History.Live(effect.Table), context.History.LiveColumn(effect.Table, old));
        return new Verdict(name, $"drops {name} and adds {SqlName.Display(added)}", "if a rename is intended, its values are lost", "Rename the column, which keeps its values:")
        {
            SafeSql = $"ALTER TABLE {table} RENAME COLUMN {SqlName.Display(old)} TO {SqlName.Display(added)};",
            Question = new LiveQuestion(LiveFactKind.Values, live.Table) { Column = live.Column },
        };
    }
}
