using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Effects;

/// <summary>What is done while a lock is held, from the least on.</summary>
internal enum TableWork
{
    /// <summary>A change of the catalog, however large the table is.</summary>
    Catalog,

    /// <summary>Every row is read.</summary>
    Scan,

    /// <summary>An index is built: every row is read and sorted.</summary>
    Build,

    /// <summary>The table and all its indexes are rewritten.</summary>
    Rewrite,
}

/// <summary>A lock that a statement takes, and what it does under it. It is held until the transaction ends.</summary>
/// <param name="Table">As the statement names it: not always a table (<see cref="Reach"/>).</param>
internal sealed record TableLock(RelationName Table, LockMode Mode, TableWork Work = TableWork.Catalog)
{
    public LockReach Reach { get; init; }

    /// <summary>Those who write wait.</summary>
    public bool StopsWriters => Mode >= LockMode.Share;

    /// <summary>Those who read wait too.</summary>
    public bool StopsReaders => Mode == LockMode.AccessExclusive;
}
