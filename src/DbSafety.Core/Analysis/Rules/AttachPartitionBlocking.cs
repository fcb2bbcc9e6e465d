using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>A table becomes a partition: all its rows are checked while it can neither be read nor written.</summary>
internal sealed class AttachPartitionBlocking() : TableActionRule<TableAction.AttachPartition>("attach-partition-blocking", FindingSeverity.Blocking)
{
    protected override Verdict? Judge(TableAction.AttachPartition action, RelationName table, StatementContext context)
    {
        var partition = context.Display(action.Partition);
        return new Verdict(partition, $"makes {partition} a partition of {context.Display(table)} and checks all its rows; nobody can read or write it meanwhile",
            $"Give {partition} a CHECK that says what its bounds say first, NOT VALID and then validated: PostgreSQL then does not look again.")
        {
            HarmlessBecause = context.MadeHere(action.Partition),
        };
    }
}
