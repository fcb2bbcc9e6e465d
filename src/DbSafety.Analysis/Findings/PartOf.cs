using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>One table is a partition of the other, at whatever level, or inherits from it.</summary>
/// <param name="IsPartition">Inheritance is not enough: rows that are inserted into a table go to its partitions alone.</param>
internal sealed record PartOf(RelationName Table, RelationName Part, bool IsPartition);
