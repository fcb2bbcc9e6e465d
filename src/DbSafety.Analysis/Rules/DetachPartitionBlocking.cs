using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Without CONCURRENTLY, an ACCESS EXCLUSIVE lock on the partitioned table is required.</summary>
internal sealed class DetachPartitionBlocking() : TableActionRule<TableAction.DetachPartition>("detach-partition-blocking", FindingSeverity.Blocking)
{
    protected override Verdict? Judge(TableAction.DetachPartition action, RelationName table, StatementContext context)
    {
        if (action.IsConcurrent || action.IsFinalize)
            return null;
        var (name, partition) = (context.Display(table), context.Display(action.Partition));
        return new Verdict(name, $"detaches {partition} from {name}", "and waits for every transaction that has used it",
            context.IsAtLeast(14) ? "Detach it CONCURRENTLY, outside a transaction block (PostgreSQL 14 and later):" : "Set a short lock_timeout, and retry until it succeeds; PostgreSQL 14 and later can do it CONCURRENTLY.")
        {
            IfPartitioned = new PartitionedRemedy(context.History.Live(table), "PostgreSQL refuses CONCURRENTLY while the table has a default partition: set a short lock_timeout, and retry until it succeeds.") { OnlyWithDefault = true },
            SafeSql = context.IsAtLeast(14) ? $"ALTER TABLE {name} DETACH PARTITION {partition} CONCURRENTLY;" : null,
        };
    }
}
