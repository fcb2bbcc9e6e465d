using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Creates a view or materialized view.</summary>
internal sealed class CreateView() : InfoRule("create-view")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) =>
        effect.Cause is Command.CreateObject { Kind: ObjectKind.View or ObjectKind.MaterializedView } made
            ? (context.Display(effect.Object), $"creates {ObjectKinds.Words(made.Kind)} {context.Display(effect.Object)}") : null;
}
