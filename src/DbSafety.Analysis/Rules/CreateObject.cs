using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Creates an object other than a table, index or view: a type, function, trigger, sequence, schema, extension, policy, role and so on.</summary>
internal sealed class CreateObject() : InfoRule("create-object")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) =>
        effect.Cause is Command.CreateObject { Kind: not (ObjectKind.View or ObjectKind.MaterializedView) } made
            ? (context.Display(effect.Object), $"creates {ObjectKinds.Words(made.Kind)} {context.Display(effect.Object)}") : null;
}
