using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops a constraint: rows that violate it are accepted.</summary>
internal sealed class DropConstraint : IAnalysisRule
{
    public string Id => "drop-constraint";

    public FindingSeverity Severity => FindingSeverity.Breaking;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not (TableAction.DropConstraint or ObjectAction.DropConstraint))
            return null;
        var name = context.Display(effect.Object);
        return new Verdict(name, $"drops constraint {name}", "rows that violate it are accepted", "Add its replacement in the same transaction, if there is one.")
        {
            HarmlessBecause = context.CreatedHere(effect.Table) ?? (context.History.Constraint(effect.Table, effect.Object.Part!) is null ? null : "it was created by the same pending migrations"),
        };
    }
}
