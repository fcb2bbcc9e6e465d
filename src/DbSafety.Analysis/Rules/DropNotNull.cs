using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>A column may be null from now on, which readers may not expect.</summary>
internal sealed class DropNotNull() : TableActionRule<TableAction.DropNotNull>("drop-not-null", FindingSeverity.Breaking)
{
    protected override Verdict? Judge(TableAction.DropNotNull action, RelationName table, StatementContext context)
    {
        var name = context.Display(table, action.Column);
        return new Verdict(name, $"lets {name} be null", "code that does not expect it fails on the first one", $"Ship a release that can read a null in {name} first.")
        {
            HarmlessBecause = context.History.IsAdded(table, action.Column) ? "the column was made by the same pending migrations" : null,
        };
    }
}
