using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Analysis.Rules;

/// <summary>Deletes all rows of a table.</summary>
internal sealed class DeleteWithoutWhere : IAnalysisRule
{
    public string Id => "delete-without-where";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not RowChange { Kind: RowChangeKind.Delete, IsAllRows: true } change)
            return null;
        var name = context.Display(change.Table);
        return new Verdict(name, $"deletes all rows of {name}{context.Referring(change)}", "Specify the rows with WHERE.")
        {
            Question = context.IsReferredToNew(change.Stored) ? null : change.Behind is not null || change.IsOnly ? RowQuestion.OfDelete(change, context) : RowQuestion.OfDeleteAll(change.Table, context),
            HarmlessBecause = context.IsReferredToNew(change.Stored) ? null : context.CreatedHere(change.Stored),
        };
    }
}
