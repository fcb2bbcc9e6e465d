using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.History;

/// <summary>The tables, as the live database calls them, whose rows earlier statements of the set have written: the live rows of these, and of what they reach, are not what a statement meets.</summary>
/// <param name="Changed">Rows were deleted, updated or taken away with a partition.</param>
/// <param name="Filled">Rows were only added.</param>
/// <param name="IsUnseen">What was written is not all known.</param>
internal sealed record WrittenTables(IReadOnlyList<RelationName> Changed, IReadOnlyList<RelationName> Filled, bool IsUnseen)
{
    private const int Most = 1000;

    public static readonly WrittenTables None = new([], [], false);

    public static readonly WrittenTables Unseen = new([], [], true);

    public bool IsNone => Changed.Count + Filled.Count == 0 && !IsUnseen;

    public WrittenTables With(RelationName table, bool isOnlyFilled) =>
        IsUnseen || Changed.Contains(table) || (isOnlyFilled && Filled.Contains(table)) ? this
        : Changed.Count + Filled.Count >= Most ? Unseen
        : isOnlyFilled ? this with { Filled = [.. Filled, table] } : this with { Changed = [.. Changed, table] };
}
