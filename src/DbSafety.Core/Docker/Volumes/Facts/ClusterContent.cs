namespace DbSafety.Docker.Volumes.Facts;

/// <summary>What a running cluster says about itself.</summary>
/// <param name="Tables">Tables of users, in all databases that take connections.</param>
/// <param name="StaleCollations">What was sorted by another version of the system's library: databases and, where an index uses them, collations.</param>
public sealed record ClusterContent(long Tables, IReadOnlyList<StaleCollation> StaleCollations);

/// <summary>Something sorted by a library that has changed since.</summary>
/// <param name="Collation">Null for the database's own.</param>
public sealed record StaleCollation(string Database, string? Collation, string Was, string Is);
