using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>A column loses what filled it: inserts that leave it out get null, or fail.</summary>
internal sealed class DropDefault() : TableActionRule<TableAction.DropDefault>("drop-default", FindingSeverity.Breaking)
{
    protected override Verdict? Judge(TableAction.DropDefault action, RelationName table, StatementContext context)
    {
        var name = context.Display(table, action.Column);
        return new Verdict(name, $"takes the {action.What} of {name} away", "inserts that leave it out change or fail", $"Ship a release that always gives {name} a value first.")
        {
            HarmlessBecause = context.History.IsAdded(table, action.Column) ? "the column was made by the same pending migrations" : null,
        };
    }
}
