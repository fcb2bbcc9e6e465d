namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>A container's place in one network.</summary>
public sealed record ContainerNetwork
{
    public IReadOnlyList<string>? Aliases { get; init; }

    public string? IPAddress { get; init; }
}
