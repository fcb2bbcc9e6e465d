using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Overwrites values in some rows of a table.</summary>
internal sealed class UpdateRows : IAnalysisRule
{
    public string Id => "update-rows";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not RowChange { Kind: RowChangeKind.Update, IsAllRows: false } change)
            return null;
        var name = context.Display(change.Table);
        return new Verdict(name, $"overwrites {RowQuestion.ColumnsOf(change)} in some rows of {name}{context.Referring(change)}", "Write to a new column if the old values may still be needed.")
        {
            Question = context.IsReferredToNew(change) ? null : RowQuestion.OfUpdate(change, context),
            HarmlessBecause = context.IsReferredToNew(change) ? null : context.CreatedHere(change.Stored) ?? RowQuestion.FillsOnly(change, context),
        };
    }
}
