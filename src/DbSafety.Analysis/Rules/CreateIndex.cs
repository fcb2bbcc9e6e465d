using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Builds an index without blocking writes.</summary>
internal sealed class CreateIndex() : InfoRule("create-index")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) =>
        effect.Cause is Command.CreateIndex { IsConcurrent: true } index
            ? (context.Display(effect.Object), $"builds an index on {context.Display(index.Table)} without blocking writes") : null;
}
