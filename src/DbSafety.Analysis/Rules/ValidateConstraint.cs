using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Analysis.Rules;

/// <summary>Checks the rows that NOT VALID did not check: it fails on the first row that violates the constraint. It blocks neither reads nor writes.</summary>
internal sealed class ValidateConstraint : IAnalysisRule
{
    public string Id => "validate-constraint";

    public FindingSeverity Severity => FindingSeverity.MayFail;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (effect.Cause is not (TableAction.ValidateConstraint or ObjectAction.ValidateConstraint))
            return null;
        var name = context.Display(effect.Object);
        var known = effect.Cause is TableAction.ValidateConstraint validate ? context.History.Constraint(effect.Table, validate.Name) : null;
        return new Verdict(name, $"checks every row against {name}", "Find the rows that violate it first, and correct them.")
        {
            HarmlessBecause = context.NewHere(effect.Table) ?? (known is null ? null : CertainConstraint.Reason(known, effect, context)),
            Question = effect.Cause is not TableAction.ValidateConstraint ? null : known switch
            {
                null => new LiveQuestion(LiveFactKind.Constraint, context.History.Live(effect.Table)) { Condition = effect.Object.Part, Proves = context.Proves(effect.Table) },
                { Kind: ConstraintKind.Check, Expression: { } condition } => SafeConstraint.ViolationsOf(condition, effect.Table, context),
                { Kind: ConstraintKind.ForeignKey } => SafeConstraint.OrphansOf(known, effect.Table, context),
                _ => null,
            },
        };
    }
}
