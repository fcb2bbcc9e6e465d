using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Maintains tables without blocking reads and writes, or changes nothing: VACUUM, ANALYZE, CONCURRENTLY, SHOW and others.</summary>
internal sealed class Maintenance() : InfoRule("maintenance")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) => effect.Cause switch
    {
        Command.Vacuum { IsFull: false } => (context.Display(effect.Object), $"vacuums {context.Display(effect.Object)} without blocking reads and writes"),
        Command.Analyze => (context.Display(effect.Object), $"collects statistics on {context.Display(effect.Object)} without blocking reads and writes"),
        Command.Reindex { IsConcurrent: true } => (context.Display(effect.Object), $"rebuilds the indexes of {context.Display(effect.Object)} without blocking reads and writes"),
        Command.Refresh { IsConcurrent: true } => (context.Display(effect.Object), $"refreshes {context.Display(effect.Object)} without blocking reads"),
        TableAction.DetachPartition { IsConcurrent: true } or TableAction.DetachPartition { IsFinalize: true } => (context.Display(effect.Object), $"detaches a partition of {context.Display(effect.Object)} without blocking reads and writes"),
        Command.Utility utility => (context.StatementName, $"changes no rows ({utility.Word.ToUpperInvariant()})"),
        _ => null,
    };
}
