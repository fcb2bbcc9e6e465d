using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Rules;

/// <summary>Where or how a table or an index is stored changes: it is written anew, locked against everything.</summary>
internal sealed class RewriteTable : IAnalysisRule
{
    public string Id => "rewrite-table";

    public FindingSeverity Severity => FindingSeverity.Blocking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not (TableAction.Rewrite or TableAction.SetExpression) || effect.Command is not Command.AlterTable { Kind: ObjectKind.Table or ObjectKind.MaterializedView or ObjectKind.Index })
            return null;
        if (effect.Object.Kind == ObjectKind.Index)
            return OfIndex(effect, context);
        var table = context.Display(effect.Table);
        var what = effect.Cause is TableAction.Rewrite rewrite ? rewrite.Words : "set expression";
        return new Verdict(context.Display(effect.Object), $"{what.ToUpperInvariant()} writes {table} anew; it can neither be read nor written meanwhile", "Choose a quiet hour, or make a new table like it, fill it in portions, and switch over.")
        {
            HarmlessBecause = context.MadeHere(effect.Table),
        };
    }

    private static Verdict OfIndex(Effect effect, StatementContext context)
    {
        var index = context.Display(effect.Object);
        return new Verdict(index, $"writes index {index} anew; queries that could use it wait meanwhile", $"REINDEX (TABLESPACE …) INDEX CONCURRENTLY {index} (from PostgreSQL 14 on).")
        {
            HarmlessBecause = context.History.IsCreatedIndex(effect.Object.Name) ? "it was made by the same pending migrations" : null,
        };
    }
}
