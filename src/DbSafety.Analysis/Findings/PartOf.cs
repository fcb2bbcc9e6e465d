using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>One table is a partition of the other, at whatever level, or inherits from it, or foreign keys reach it.</summary>
/// <param name="IsPartition">Inheritance is not enough: rows that are inserted into a table go to its partitions alone.</param>
internal sealed record PartOf(RelationName Table, RelationName Part, bool IsPartition)
{
    /// <summary>Null: no foreign key is meant.</summary>
    public ByKey? By { get; init; }

    /// <summary>By a foreign key of the set, which the live database does not show.</summary>
    public bool IsReachedBy(AddedForeignKey key) => By is { } by && key.Table.Name == Part.Name && key.Key.Referenced.Name == Table.Name
        && (by.From == "update" ? key.OnUpdate is 'c' or 'n' or 'd' : by.To == "delete" ? key.OnDelete == 'c' : key.OnDelete is 'n' or 'd');
}

/// <summary>A change of rows that foreign keys make of another.</summary>
/// <param name="From">delete or update.</param>
/// <param name="To">delete or update.</param>
/// <param name="Columns">Those that are updated first, each on a line of its own; empty: they can be any.</param>
internal sealed record ByKey(string From, string To, string Columns);
