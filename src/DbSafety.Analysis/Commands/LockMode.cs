namespace DbSafety.Analysis.Commands;

/// <summary>PostgreSQL's locks on tables, from the weakest on (https://www.postgresql.org/docs/current/explicit-locking.html).</summary>
internal enum LockMode
{
    None,

    /// <summary>Readers'; waits only for ACCESS EXCLUSIVE.</summary>
    AccessShare,
    RowShare,

    /// <summary>Writers'.</summary>
    RowExclusive,
    ShareUpdateExclusive,

    /// <summary>From here on writers wait.</summary>
    Share,
    ShareRowExclusive,
    Exclusive,

    /// <summary>Readers wait too.</summary>
    AccessExclusive,
}
