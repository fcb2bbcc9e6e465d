namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>The state of a container.</summary>
public sealed record ContainerState
{
    public string? Status { get; init; }

    public bool Running { get; init; }

    public bool Paused { get; init; }

    public bool Restarting { get; init; }

    public int ExitCode { get; init; }
}
