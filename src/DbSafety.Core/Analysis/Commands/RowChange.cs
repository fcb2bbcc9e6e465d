namespace DbSafety.Analysis.Commands;

/// <summary>What happens to rows.</summary>
internal enum RowChangeKind
{
    Insert,
    Update,
    Delete,
}

/// <summary>One INSERT, UPDATE or DELETE, wherever in a statement it stands: on its own, in a WITH, under EXPLAIN, in a COPY, as a branch of MERGE.</summary>
/// <param name="From">The table with its alias as written, for a query about the same rows.</param>
/// <param name="Where">From the word WHERE on; null where there is none.</param>
/// <param name="Joins">It reads other tables too (USING, FROM, MERGE), which the live count does not repeat.</param>
internal sealed record RowChange(RowChangeKind Kind, RelationName Table, string From, string? Where, bool Joins) : SqlNode
{
    /// <summary>What an UPDATE assigns to.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Every row of the table: neither a condition nor another table chooses.</summary>
    public bool IsAllRows => Where is null && !Joins;
}
