using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Adds a value to an enum.</summary>
internal sealed class AddEnumValue() : InfoRule("add-enum-value")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) =>
        effect.Cause is ObjectAction.AddValue ? (context.Display(effect.Object), $"adds value {effect.Object.Part} to {context.Display(effect.Object.Name)}") : null;
}
