using DbSafety.Docker.Engine.Transport;

namespace DbSafety.Docker.Clusters;

/// <summary>Which engine's volumes to look through.</summary>
public sealed record DockerVolumeSearch
{
    public string? DockerHost { get; init; }

    public string? DockerContext { get; init; }

    /// <summary>Null: all of them.</summary>
    public string? Volume { get; init; }

    public bool OrphanedOnly { get; init; }

    /// <summary>Measuring reads every file of every volume of the engine.</summary>
    public bool SkipSizes { get; init; }
}
