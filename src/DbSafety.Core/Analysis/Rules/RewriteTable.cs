using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Rules;

/// <summary>Where or how a table is stored changes: it is written anew, locked against everything.</summary>
internal sealed class RewriteTable : IAnalysisRule
{
    public string Id => "rewrite-table";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not (TableAction.Rewrite or TableAction.SetExpression) || effect.Command is not Command.AlterTable { Kind: ObjectKind.Table or ObjectKind.MaterializedView })
            return null;
        var table = context.Display(effect.Table);
        var what = effect.Cause is TableAction.Rewrite rewrite ? rewrite.Words : "set expression";
        return new Verdict(context.Display(effect.Object), $"{what.ToUpperInvariant()} writes {table} anew; it can neither be read nor written meanwhile", "Choose a quiet hour, or make a new table like it, fill it in portions, and switch over.")
        {
            HarmlessBecause = context.MadeHere(effect.Table),
        };
    }
}
