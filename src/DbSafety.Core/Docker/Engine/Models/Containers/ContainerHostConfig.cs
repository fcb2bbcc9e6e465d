namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>The host configuration: requested mounts, ports, removal.</summary>
public sealed record ContainerHostConfig
{
    /// <summary><c>SOURCE:DESTINATION[:OPTIONS]</c> of <c>-v</c>.</summary>
    public IReadOnlyList<string>? Binds { get; init; }

    /// <summary>The mounts that <c>--mount</c> and compose requested.</summary>
    public IReadOnlyList<RequestedMount>? Mounts { get; init; }

    /// <summary>Path and options of <c>--tmpfs</c>; these do not appear among the container's mounts.</summary>
    public IReadOnlyDictionary<string, string>? Tmpfs { get; init; }

    /// <summary>Requested ports; an empty host port is chosen at each start.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<HostPort>?>? PortBindings { get; init; }

    /// <summary><c>--rm</c>.</summary>
    public bool AutoRemove { get; init; }

    /// <summary>bridge, host, none, container:ID, or a network's name.</summary>
    public string? NetworkMode { get; init; }
}
