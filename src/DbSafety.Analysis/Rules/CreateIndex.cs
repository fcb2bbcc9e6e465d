using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>An index is built while the table stays in use.</summary>
internal sealed class CreateIndex() : InfoRule("create-index")
{
    protected override (string Object, string Does)? Tell(Effect effect, StatementContext context) =>
        effect.Cause is Command.CreateIndex { IsConcurrent: true } index
            ? (context.Display(effect.Object), $"builds an index on {context.Display(index.Table)} without blocking writes") : null;
}
