using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>One entry of <c>GET /containers/json</c> (API 1.41).</summary>
public sealed record ContainerSummary
{
    public required string Id { get; init; }

    /// <summary>With a leading slash, as the engine writes them; links add more than one.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    public string? Image { get; init; }

    /// <summary>created, running, paused, restarting, removing, exited or dead.</summary>
    public string? State { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyList<PublishedPort>? Ports { get; init; }

    public IReadOnlyList<ContainerMount>? Mounts { get; init; }

    /// <summary>The name that users type. A name with a second slash is a link's name.</summary>
    public string Name => Names?.FirstOrDefault(n => n.LastIndexOf('/') <= 0)?.TrimStart('/') ?? Id[..Math.Min(12, Id.Length)];

    public bool IsRunning => State is "running" or "paused" or "restarting";

    public string? ComposeProject => Label(ComposeLabels.Project);

    public string? ComposeService => Label(ComposeLabels.Service);

    public string? Label(string name) => Labels?.GetValueOrDefault(name);
}
