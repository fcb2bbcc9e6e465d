using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.History;

/// <summary>The tables, as the live database calls them, whose rows earlier statements of the set have written: the live rows of these, and of what they reach, are not what a statement meets.</summary>
/// <param name="Changed">Rows were updated.</param>
/// <param name="Removed">Rows were only deleted, or taken away with a partition.</param>
/// <param name="Filled">Rows were only added.</param>
/// <param name="IsUnseen">What was written is not all known.</param>
internal sealed record WrittenTables(IReadOnlyList<RelationName> Changed, IReadOnlyList<RelationName> Removed, IReadOnlyList<RelationName> Filled, bool IsUnseen)
{
    private const int Most = 1000;

    public static readonly WrittenTables None = new([], [], [], false);

    public static readonly WrittenTables Unseen = new([], [], [], true);

    public bool IsNone => Changed.Count + Removed.Count + Filled.Count == 0 && !IsUnseen;

    public WrittenTables With(RelationName table, RowChangeKind kind)
    {
        var of = kind switch { RowChangeKind.Insert => Filled, RowChangeKind.Delete => Removed, _ => Changed };
        if (IsUnseen || of.Contains(table))
            return this;
        if (Changed.Count + Removed.Count + Filled.Count >= Most)
            return Unseen;
        return kind switch
        {
            RowChangeKind.Insert => this with { Filled = [.. of, table] },
            RowChangeKind.Delete => this with { Removed = [.. of, table] },
            _ => this with { Changed = [.. of, table] },
        };
    }
}
