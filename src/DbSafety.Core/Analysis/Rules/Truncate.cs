using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Rules;

/// <summary>A table is emptied; with CASCADE, so are the tables that refer to it.</summary>
internal sealed class Truncate : IAnalysisRule
{
    public string Id => "truncate";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not Command.Truncate truncate)
            return null;
        var name = context.Display(effect.Table);
        return new Verdict(name, $"empties table {name}" + (truncate.Cascades ? " and every table that refers to it" : ""),
            "Delete the rows that are meant, by a condition, in a script of its own.")
        {
            Question = new LiveQuestion(LiveFactKind.Rows, context.History.Live(effect.Table), truncate.Cascades ? LiveReach.References : LiveReach.Children),
            HarmlessBecause = context.History.IsCreated(effect.Table) ? "it was made by the same pending migrations" : null,
        };
    }
}
