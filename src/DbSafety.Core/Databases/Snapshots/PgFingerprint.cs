using DbSafety.Databases.Tables;

namespace DbSafety.Databases.Snapshots;

/// <summary>The content of a database in one snapshot: exact row counts, sequences, and a hash of all definitions.</summary>
public sealed record PgFingerprint
{
    public required string Server { get; init; }

    public required string Database { get; init; }

    public required int ServerMajor { get; init; }

    public required DateTimeOffset TakenAt { get; init; }

    public required IReadOnlyList<TableCount> Tables { get; init; }

    public required IReadOnlyList<SequenceValue> Sequences { get; init; }

    public required long LargeObjects { get; init; }

    /// <summary>SHA-256 over the definitions of all objects; comparable between servers of one major version, and within one version of the hash.</summary>
    public required string SchemaHash { get; init; }

    /// <summary>The version of <see cref="SchemaHash"/>; older fingerprints do not have it.</summary>
    public int SchemaHashVersion { get; init; } = 1;

    /// <summary>All definitions, as JSON, gzip and base64; null with version 1 of the hash.</summary>
    public string? Definitions { get; init; }

    /// <summary>The database's own properties, in the form of <see cref="Definitions"/>; null in older fingerprints.</summary>
    public string? DatabaseDefinition { get; init; }

    /// <summary>Its large objects with owners, privileges and comments, and with checksums their contents, in the form of <see cref="Definitions"/>; null in older fingerprints.</summary>
    public string? LargeObjectDefinitions { get; init; }

    /// <summary>Relations whose rows were not counted, such as foreign tables.</summary>
    public IReadOnlyList<string> NotCounted { get; init; } = [];

    public long Rows => Tables.Sum(t => t.Rows);
}
