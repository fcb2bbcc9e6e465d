namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>A container's networks and published ports.</summary>
public sealed record ContainerNetworks
{
    /// <summary>By <c>5432/tcp</c>; null where a port is exposed and not published. Empty when the container is stopped.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<HostPort>?>? Ports { get; init; }

    public IReadOnlyDictionary<string, ContainerNetwork>? Networks { get; init; }
}
