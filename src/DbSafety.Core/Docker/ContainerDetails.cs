namespace DbSafety.Docker;

/// <summary>The part of <c>GET /containers/{id}/json</c> (API 1.41) that is read here.</summary>
public sealed record ContainerDetails
{
    public required string Id { get; init; }

    /// <summary>With a leading slash, as the engine writes it.</summary>
    public required string Name { get; init; }

    /// <summary>The image's id.</summary>
    public string? Image { get; init; }

    public ContainerState? State { get; init; }

    public ContainerConfig? Config { get; init; }

    public ContainerHostConfig? HostConfig { get; init; }

    public IReadOnlyList<ContainerMount>? Mounts { get; init; }

    public ContainerNetworks? NetworkSettings { get; init; }

    /// <summary>Without the slash.</summary>
    public string ShortName => Name.TrimStart('/');

    public bool IsRunning => State is { Running: true, Paused: false, Restarting: false };

    public string? Label(string name) => Config?.Labels?.GetValueOrDefault(name);
}

/// <summary>How it is with a container.</summary>
public sealed record ContainerState
{
    public string? Status { get; init; }

    public bool Running { get; init; }

    public bool Paused { get; init; }

    public bool Restarting { get; init; }

    public int ExitCode { get; init; }
}

/// <summary>What a container was made with, its image's settings included.</summary>
public sealed record ContainerConfig
{
    /// <summary>The image's name as it was given.</summary>
    public string? Image { get; init; }

    /// <summary><c>NAME=value</c>; the container's win over the image's. Holds passwords: never print it.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    public IReadOnlyList<string>? Cmd { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The last value of a variable, as the container's process sees it; null when it is not set or empty.</summary>
    public string? Variable(string name) =>
        Env?.LastOrDefault(e => e.StartsWith(name + "=", StringComparison.Ordinal)) is { } entry && entry.Length > name.Length + 1
            ? entry[(name.Length + 1)..]
            : null;

    /// <summary>Names, never values.</summary>
    public override string ToString() => $"{nameof(ContainerConfig)} {{ Image = {Image} }}";
}

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

/// <summary>A mount that <c>--mount</c> or compose asked for.</summary>
public sealed record RequestedMount
{
    public string? Type { get; init; }

    public string? Source { get; init; }

    public string? Target { get; init; }
}

/// <summary>A container's networks and published ports.</summary>
public sealed record ContainerNetworks
{
    /// <summary>By <c>5432/tcp</c>; null where a port is exposed and not published. Empty when the container is stopped.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<HostPort>?>? Ports { get; init; }

    public IReadOnlyDictionary<string, ContainerNetwork>? Networks { get; init; }
}

/// <summary>An address of the host that a container's port is published on.</summary>
public sealed record HostPort
{
    public string? HostIp { get; init; }

    [System.Text.Json.Serialization.JsonPropertyName("HostPort")]
    public string? Port { get; init; }
}

/// <summary>A container's place in one network.</summary>
public sealed record ContainerNetwork
{
    public IReadOnlyList<string>? Aliases { get; init; }

    public string? IPAddress { get; init; }
}
