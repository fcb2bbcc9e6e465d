using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;

namespace DbSafety.Databases;

/// <summary>Which database to take the fingerprint of.</summary>
public sealed record DatabaseMeasureRequest(DatabaseTarget Target)
{
    /// <summary>Hash every table's rows as well as counting them.</summary>
    public bool Checksum { get; init; }

    /// <summary>Which version of the hash over the definitions to take: that of what it is compared with.</summary>
    internal int SchemaHashVersion { get; init; } = SchemaDefinitions.HashVersion;
}
