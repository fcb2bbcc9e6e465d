using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Analysis.Rules;

/// <summary>Truncates a table; with CASCADE, also the tables that reference it.</summary>
internal sealed class Truncate : IAnalysisRule
{
    public string Id => "truncate";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.Truncate truncate)
            return null;
        var name = context.Display(effect.Table);
        return new Verdict(name, $"truncates table {name}" + (truncate.Cascades ? " and every table that references it" : ""),
            "Delete only the unwanted rows, with WHERE, in a separate script.")
        {
            Question = new LiveQuestion(LiveFactKind.Rows, context.History.Live(effect.Table), truncate.Cascades ? LiveReach.References : truncate.IsOnly ? LiveReach.Only : LiveReach.Children),
            HarmlessBecause = context.History.IsCreated(effect.Table) && !(truncate.Cascades && context.History.IsReferredTo(effect.Table, null)) ? "it was created by the same pending migrations" : null,
        };
    }
}
