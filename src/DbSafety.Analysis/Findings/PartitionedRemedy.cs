using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>What to do instead where a table turns out to be partitioned: PostgreSQL refuses CONCURRENTLY on it.</summary>
/// <param name="Relation">The table or index, as the live database calls it.</param>
/// <param name="Words">What to do, in words.</param>
/// <param name="Sql">The SQL for these partitions; null if words alone can say it.</param>
internal sealed record PartitionedRemedy(RelationName Relation, string Words, Func<IReadOnlyList<RelationName>, string>? Sql = null)
{
    /// <summary>It is needed where the table has a default partition, and only there.</summary>
    public bool OnlyWithDefault { get; init; }
}
