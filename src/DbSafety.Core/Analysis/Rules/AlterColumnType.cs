using DbSafety.Analysis.Commands;
using DbSafety.Databases;

namespace DbSafety.Analysis.Rules;

/// <summary>The table is locked against reading and writing, mostly while it is written anew.</summary>
internal sealed class AlterColumnType() : TableActionRule<TableAction.ChangeType>("alter-column-type", FindingSeverity.Blocking)
{
    /// <summary>The way that keeps both: a column of the new type beside the old one.</summary>
    public static string NewColumn(RelationName table, TableAction.ChangeType change, StatementContext context) =>
        $"ALTER TABLE {context.Display(table)} ADD COLUMN {SqlName.Display(SqlName.WithSuffix(change.Column, "_new"))} {change.Type};";

    protected override Verdict? Judge(TableAction.ChangeType action, RelationName table, StatementContext context)
    {
        var name = context.Display(table, action.Column);
        return new Verdict(name, $"changes the type of {name} to {action.Type}; nobody can read or write {context.Display(table)} meanwhile",
            "Add a new column, fill it in portions, and switch over to it.")
        {
            SafeSql = NewColumn(table, action, context),
            Question = new LiveQuestion(LiveFactKind.Rewritten, context.History.Live(table)) { Column = context.History.LiveColumn(table, action.Column), Condition = action.Using is null ? action.Type : null },
        };
    }
}
