using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Overwrites a value in every row of a table.</summary>
internal sealed class UpdateWithoutWhere : IAnalysisRule
{
    public string Id => "update-without-where";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not RowChange { Kind: RowChangeKind.Update, IsAllRows: true } change)
            return null;
        var name = context.Display(change.Table);
        return new Verdict(name, $"overwrites {RowQuestion.ColumnsOf(change)} in every row of {name}{context.Referring(change)}", "Specify the rows with WHERE, or write to a new column.")
        {
            Question = context.IsReferredToNew(change) ? null : RowQuestion.OfUpdate(change, context),
            HarmlessBecause = context.IsReferredToNew(change) ? null : RowQuestion.FillsOnly(change, context) ?? context.CreatedHere(change.Stored),
        };
    }
}
