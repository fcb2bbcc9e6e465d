using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Rules;

/// <summary>The rows that were left alone by NOT VALID are looked at: it fails on the first that does not fit. Nobody has to wait.</summary>
internal sealed class ValidateConstraint : IAnalysisRule
{
    public string Id => "validate-constraint";

    public FindingSeverity Severity => FindingSeverity.MayFail;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not (TableAction.ValidateConstraint or ObjectAction.ValidateConstraint))
            return null;
        var name = context.Display(effect.Object);
        return new Verdict(name, $"checks every row against {name}", "Look for the rows that do not fit first, and mend them.") { HarmlessBecause = context.NewHere(effect.Table) };
    }
}
