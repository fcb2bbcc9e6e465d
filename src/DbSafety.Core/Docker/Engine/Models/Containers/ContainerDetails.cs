namespace DbSafety.Docker.Engine.Models.Containers;

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
