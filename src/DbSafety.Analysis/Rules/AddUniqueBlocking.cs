using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>Locks the table while the index of a unique, primary key or exclusion constraint is built.</summary>
internal sealed class AddUniqueBlocking() : ConstraintRule("add-unique-blocking", FindingSeverity.Blocking)
{
    protected override Verdict? Judge(ConstraintDefinition constraint, RelationName table, string name, StatementContext context)
    {
        if (constraint is not { Kind: ConstraintKind.Unique or ConstraintKind.PrimaryKey or ConstraintKind.Exclude, UsingIndex: null })
            return null;
        var sql = SafeConstraint.ByIndex(constraint, table, context);
        return new Verdict(name, $"adds constraint {name}", "and builds its index",
            sql is null ? "PostgreSQL cannot build it CONCURRENTLY: run it at a time of low load." : "Build the index CONCURRENTLY first, in a separate migration:")
        {
            SafeSql = sql,
            IfPartitioned = new PartitionedRemedy(context.History.Live(table), "The table is partitioned: build a unique index CONCURRENTLY on each partition, add the constraint to each USING INDEX, add it to the table with ALTER TABLE ONLY, and attach the indexes of the partitions to its index."),
        };
    }
}
