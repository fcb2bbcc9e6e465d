using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Adds a column; without a volatile default, this changes only the catalog.</summary>
internal sealed class AddColumn() : InfoRule("add-column")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) =>
        effect.Cause is TableAction.AddColumn ? (context.Display(effect.Object), $"adds column {context.Display(effect.Object)}") : null;
}
