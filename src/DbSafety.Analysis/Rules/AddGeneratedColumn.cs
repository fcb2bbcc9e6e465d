using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>A stored generated column is computed for every row: the table is written anew, locked against everything.</summary>
internal sealed class AddGeneratedColumn() : TableActionRule<TableAction.AddColumn>("add-generated-column", FindingSeverity.Blocking)
{
    protected override Verdict? Judge(TableAction.AddColumn action, RelationName table, StatementContext context)
    {
        if (action.Column.Generation == ColumnGeneration.None)
            return null;
        var name = context.Display(table, action.Column.Name);
        var isVirtual = action.Column.Generation == ColumnGeneration.Virtual;
        return new Verdict(name, $"adds the generated column {name}", "and writes the table anew",
            "Add a plain column, keep it filled by a trigger, and fill the old rows in portions; from PostgreSQL 18 on a VIRTUAL column costs nothing.")
        {
            SafeSql = $"ALTER TABLE {context.Display(table)} ADD COLUMN {SqlName.Display(action.Column.Name)} {action.Column.Type};",
            HarmlessBecause = isVirtual ? "a virtual column is computed when it is read" : null,
        };
    }
}
