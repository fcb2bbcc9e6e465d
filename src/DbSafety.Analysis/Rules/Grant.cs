using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Grants privileges.</summary>
internal sealed class Grant() : InfoRule("grant")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) =>
        effect.Cause is Command.Privileges { IsRevoke: false } ? (context.Display(effect.Object), $"grants privileges on {ObjectKinds.Words(effect.Object.Kind)} {context.Display(effect.Object)}") : null;
}
