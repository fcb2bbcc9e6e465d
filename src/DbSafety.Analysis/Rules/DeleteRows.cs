using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Deletes some rows of a table.</summary>
internal sealed class DeleteRows : IAnalysisRule
{
    public string Id => "delete-rows";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not RowChange { Kind: RowChangeKind.Delete, IsAllRows: false } change)
            return null;
        var name = context.Display(change.Table);
        return new Verdict(name, $"deletes rows of {name}{context.Referring(change)}", "Copy the rows to another table first (CREATE TABLE … AS SELECT), or mark them as deleted instead.")
        {
            Question = context.IsReferredToNew(change.Stored) ? null : RowQuestion.OfDelete(change, context),
            HarmlessBecause = context.IsReferredToNew(change.Stored) ? null : context.CreatedHere(change.Stored),
        };
    }
}
