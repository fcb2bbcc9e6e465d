using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Without CONCURRENTLY the partitioned table is locked against everything.</summary>
internal sealed class DetachPartitionBlocking() : TableActionRule<TableAction.DetachPartition>("detach-partition-blocking", FindingSeverity.Blocking)
{
    protected override Verdict? Judge(TableAction.DetachPartition action, RelationName table, StatementContext context)
    {
        if (action.IsConcurrent || action.IsFinalize)
            return null;
        var (name, partition) = (context.Display(table), context.Display(action.Partition));
        return new Verdict(name, $"detaches {partition} from {name}", "and waits for every transaction that has used it",
            context.IsAtLeast(14) ? "From PostgreSQL 14 on it can be done CONCURRENTLY, outside of a transaction:" : "Set a short lock_timeout and try again until it gets through; PostgreSQL 14 can do it CONCURRENTLY.")
        {
            IfPartitioned = new PartitionedRemedy(context.History.Live(table), "PostgreSQL refuses CONCURRENTLY while the table has a default partition: set a short lock_timeout, and try again until it gets through.") { OnlyWithDefault = true },
            SafeSql = context.IsAtLeast(14) ? $"ALTER TABLE {name} DETACH PARTITION {partition} CONCURRENTLY;" : null,
        };
    }
}
