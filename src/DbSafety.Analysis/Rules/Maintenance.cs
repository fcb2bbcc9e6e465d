using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Tables are kept in shape beside their users, or nothing is changed at all: VACUUM, ANALYZE, CONCURRENTLY, SHOW and their like.</summary>
internal sealed class Maintenance() : InfoRule("maintenance")
{
    protected override (string Object, string Does)? Tell(Effect effect, StatementContext context) => effect.Cause switch
    {
        Command.Vacuum { IsFull: false } => (context.Display(effect.Object), $"cleans {context.Display(effect.Object)} while it stays in use"),
        Command.Analyze => (context.Display(effect.Object), $"looks at samples of {context.Display(effect.Object)} while it stays in use"),
        Command.Reindex { IsConcurrent: true } => (context.Display(effect.Object), $"builds the indexes of {context.Display(effect.Object)} anew while they stay in use"),
        Command.Refresh { IsConcurrent: true } => (context.Display(effect.Object), $"computes {context.Display(effect.Object)} anew while it can be read"),
        TableAction.DetachPartition { IsConcurrent: true } or TableAction.DetachPartition { IsFinalize: true } => (context.Display(effect.Object), $"detaches a partition of {context.Display(effect.Object)} while it stays in use"),
        Command.Utility utility => (context.StatementName, $"changes no rows ({utility.Word.ToUpperInvariant()})"),
        _ => null,
    };
}
