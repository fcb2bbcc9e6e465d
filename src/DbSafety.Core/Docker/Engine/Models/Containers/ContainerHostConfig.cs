namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>What belongs to the host: mounts that were asked for, ports, removal.</summary>
public sealed record ContainerHostConfig
{
    /// <summary><c>SOURCE:DESTINATION[:OPTIONS]</c> of <c>-v</c>.</summary>
    public IReadOnlyList<string>? Binds { get; init; }

    /// <summary>What <c>--mount</c> and compose asked for.</summary>
    public IReadOnlyList<RequestedMount>? Mounts { get; init; }

    /// <summary>Path and options of <c>--tmpfs</c>; these do not appear among the container's mounts.</summary>
    public IReadOnlyDictionary<string, string>? Tmpfs { get; init; }

    /// <summary>Ports that were asked for; an empty port of the host is chosen at each start.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<HostPort>?>? PortBindings { get; init; }

    /// <summary><c>--rm</c>.</summary>
    public bool AutoRemove { get; init; }

    /// <summary>bridge, host, none, container:ID, or a network's name.</summary>
    public string? NetworkMode { get; init; }
}
