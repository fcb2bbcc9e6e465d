namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>An address of the host that a container's port is published on.</summary>
public sealed record HostPort
{
    public string? HostIp { get; init; }

    public string? Port { get; init; }
}
