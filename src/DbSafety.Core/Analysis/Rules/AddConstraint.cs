using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Rules;

/// <summary>A constraint is added that needs no look at the rows that are there: NOT VALID, or by an index that is built already.</summary>
internal sealed class AddConstraint() : InfoRule("add-constraint")
{
    protected override (string Object, string Does)? Tell(Effect effect, StatementContext context)
    {
        var constraint = effect.Cause switch
        {
            TableAction.AddConstraint add => add.Constraint,
            ObjectAction.AddConstraint add => add.Constraint,
            _ => null,
        };
        return constraint is { IsNotValid: true, Kind: not ConstraintKind.NotNull } or { UsingIndex: not null }
            ? (context.Display(effect.Object), $"adds constraint {context.Display(effect.Object)}") : null;
    }
}
