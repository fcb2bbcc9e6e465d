using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>
/// A constraint is added that needs no look at the rows that are there: NOT VALID, or by an index that is built already. Rows that violate a check cannot be
/// updated any more: where the live database has some, it is Breaking.
/// </summary>
internal sealed class AddConstraint : IAnalysisRule
{
    public const string RuleId = "add-constraint";

    public string Id => RuleId;

    public FindingSeverity Severity => FindingSeverity.Info;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        var constraint = effect.Cause switch
        {
            TableAction.AddConstraint add => add.Constraint,
            ObjectAction.AddConstraint add => add.Constraint,
            _ => null,
        };
        if (constraint is not ({ IsNotValid: true, Kind: not ConstraintKind.NotNull } or { UsingIndex: not null }))
            return null;
        return new Verdict(context.Display(effect.Object), $"adds constraint {context.Display(effect.Object)}", "Fix the rows that violate it, and validate it in a later migration.")
        {
            Question = effect.Cause is TableAction.AddConstraint { Constraint: { Kind: ConstraintKind.Check, Expression: { } condition } } && context.NewHere(effect.Table) is null
                ? SafeConstraint.ViolationsOf(condition, effect.Table, context) : null,
        };
    }
}
