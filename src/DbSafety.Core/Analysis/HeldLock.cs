namespace DbSafety.Analysis;

/// <summary>A lock on an old table that others wait for, held until the transaction ends.</summary>
/// <param name="Statement">The ordinal of the statement that took it.</param>
/// <param name="Line">1-based.</param>
internal sealed record HeldLock(RelationName Table, bool StopsReaders, int Statement, int Line);
