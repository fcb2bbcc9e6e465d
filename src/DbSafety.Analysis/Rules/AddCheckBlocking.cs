using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Locks the table while every row is checked.</summary>
internal sealed class AddCheckBlocking() : ConstraintRule("add-check-blocking", FindingSeverity.Blocking)
{
    protected override Verdict? Judge(ConstraintDefinition constraint, RelationName table, string name, StatementContext context) =>
        constraint is { Kind: ConstraintKind.Check, IsNotValid: false }
            ? new Verdict(name, $"adds check {name}", "and checks every row", "Add it with NOT VALID, and validate it in a separate transaction:")
            {
                SafeSql = SafeConstraint.InTwoSteps(constraint, table, context),
            }
            : null;

    protected override Verdict? JudgeDomain(Effect effect, StatementContext context)
    {
        var (name, domain) = (context.Display(effect.Object), context.Display(effect.Object.Name));
        return effect.Cause switch
        {
            ObjectAction.AddConstraint { Constraint: { Kind: ConstraintKind.Check, IsNotValid: false } constraint } =>
                new Verdict(name, $"adds check {name}", $"and reads every row of the tables that use domain {domain}", "Add it with NOT VALID, and validate it at a time of low load:")
                {
                    SafeSql = SafeConstraint.OfDomain(constraint, effect.Object.Name, context),
                },
            ObjectAction.ValidateConstraint =>
                new Verdict(name, $"validates {name}", $"and reads every row of the tables that use domain {domain}", "Run it at a time of low load: a domain constraint can only be validated under this lock."),
            _ => null,
        };
    }
}
