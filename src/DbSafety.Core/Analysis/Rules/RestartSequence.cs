using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Rules;

/// <summary>A sequence begins anew: the numbers it gives may be taken.</summary>
internal sealed class RestartSequence : IAnalysisRule
{
    public string Id => "restart-sequence";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not TableAction.Restart || context.Display(effect.Object) is not { } name)
            return null;
        return new Verdict(name, $"lets {(effect.Object.Kind == ObjectKind.Column ? "the sequence of" : "sequence")} {name} begin anew: inserts fail on numbers that are taken", "Set it to the highest number in use: SELECT setval(…, (SELECT max(…) FROM …)).")
        {
            HarmlessBecause = context.History.IsCreated(effect.Object.Name) ? "it was made by the same pending migrations" : null,
        };
    }
}
