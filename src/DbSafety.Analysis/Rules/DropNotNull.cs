using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Allows NULL in a column, which queries may not expect.</summary>
internal sealed class DropNotNull() : TableActionRule<TableAction.DropNotNull>("drop-not-null", FindingSeverity.Breaking)
{
    protected override Verdict? Judge(TableAction.DropNotNull action, RelationName table, StatementContext context)
    {
        var name = context.Display(table, action.Column);
        return new Verdict(name, $"drops NOT NULL of {name}", "code that does not expect NULL fails", $"Deploy a release that can read NULL from {name} first.")
        {
            HarmlessBecause = context.History.IsAdded(table, action.Column) ? "the column was created by the same pending migrations" : null,
        };
    }
}
