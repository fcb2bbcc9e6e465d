using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Sets the default for new rows that specify no value.</summary>
internal sealed class SetDefault() : InfoRule("set-default")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) =>
        effect.Cause is TableAction.SetDefault set ? (context.Display(effect.Object), $"sets the default of {context.Display(effect.Object)} to {set.Expression}") : null;
}
