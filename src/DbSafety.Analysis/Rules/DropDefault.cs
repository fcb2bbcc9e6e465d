using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops the default, identity or expression of a column: inserts that omit the column store NULL, or fail.</summary>
internal sealed class DropDefault() : TableActionRule<TableAction.DropDefault>("drop-default", FindingSeverity.Breaking)
{
    protected override Verdict? Judge(TableAction.DropDefault action, RelationName table, StatementContext context)
    {
        var name = context.Display(table, action.Column);
        return new Verdict(name, $"drops the {action.What} of {name}", "inserts that omit it store NULL or fail", $"Deploy a release that always specifies a value for {name} first.")
        {
            HarmlessBecause = context.History.IsAdded(table, action.Column) ? "the column was created by the same pending migrations" : null,
        };
    }
}
