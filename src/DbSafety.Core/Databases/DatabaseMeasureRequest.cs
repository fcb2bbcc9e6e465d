using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;

namespace DbSafety.Databases;

/// <summary>The database to fingerprint.</summary>
public sealed record DatabaseMeasureRequest(DatabaseTarget Target)
{
    /// <summary>Indicates that the rows of every table are hashed as well as counted.</summary>
    public bool Checksum { get; init; }

    /// <summary>The version of the hash over the definitions: the version of the other side of the comparison.</summary>
    internal int SchemaHashVersion { get; init; } = SchemaDefinitions.HashVersion;
}
