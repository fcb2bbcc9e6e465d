using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Computes a stored generated column for every row: the table is rewritten under an ACCESS EXCLUSIVE lock.</summary>
internal sealed class AddGeneratedColumn() : TableActionRule<TableAction.AddColumn>("add-generated-column", FindingSeverity.Blocking)
{
    protected override Verdict? Judge(TableAction.AddColumn action, RelationName table, StatementContext context)
    {
        if (action.Column.Generation == ColumnGeneration.None)
            return null;
        var name = context.Display(table, action.Column.Name);
        var isVirtual = action.Column.Generation == ColumnGeneration.Virtual;
        return new Verdict(name, $"adds generated column {name}", "and rewrites the table",
            "Add a plain column, keep it current with a BEFORE INSERT OR UPDATE trigger, and fill existing rows in batches. In PostgreSQL 18 and later, a VIRTUAL column does not rewrite the table.")
        {
            SafeSql = $"ALTER TABLE {context.Display(table)} ADD COLUMN {SqlName.Display(action.Column.Name)} {action.Column.Type};",
            HarmlessBecause = isVirtual ? "a virtual column is computed when it is read" : null,
        };
    }
}
