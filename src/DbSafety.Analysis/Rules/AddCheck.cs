using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Every row must satisfy a condition: it fails on the first row that violates it.</summary>
internal sealed class AddCheck() : ConstraintRule("add-check", FindingSeverity.MayFail)
{
    protected override Verdict? Judge(ConstraintDefinition constraint, RelationName table, string name, StatementContext context)
    {
        if (constraint is not { Kind: ConstraintKind.Check, IsNotValid: false })
            return null;
        var condition = constraint.Expression ?? constraint.Text;
        return new Verdict(name, $"requires every row of {context.Display(table)} to satisfy {condition}", "Correct the rows that violate it first, or add it with NOT VALID, which does not check existing rows:")
        {
            SafeSql = SafeConstraint.NotValid(constraint, table, context),
            Question = SafeConstraint.ViolationsOf(condition, table, context),
        };
    }

    protected override Verdict? JudgeDomain(Effect effect, StatementContext context)
    {
        if (effect.Cause is not ObjectAction.AddConstraint { Constraint: { Kind: ConstraintKind.Check, IsNotValid: false } constraint })
            return null;
        return new Verdict(context.Display(effect.Object), $"requires every value of domain {context.Display(effect.Object.Name)} to satisfy {constraint.Expression ?? constraint.Text}",
            "Correct the rows that violate it first, or add it with NOT VALID, which does not check existing rows:")
        {
            SafeSql = SafeConstraint.OfDomain(constraint, effect.Object.Name, context),
        };
    }
}
