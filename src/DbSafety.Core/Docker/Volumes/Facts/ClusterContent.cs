namespace DbSafety.Docker.Volumes.Facts;

/// <summary>The contents of a running cluster.</summary>
/// <param name="Tables">Tables of users, in all databases that take connections.</param>
/// <param name="StaleCollations">Databases, and collations that an index uses, whose recorded version is not the library's version.</param>
public sealed record ClusterContent(long Tables, IReadOnlyList<StaleCollation> StaleCollations);

/// <summary>A database or collation whose library version has changed.</summary>
/// <param name="Collation">Null for the database's own.</param>
public sealed record StaleCollation(string Database, string? Collation, string Was, string Is);
