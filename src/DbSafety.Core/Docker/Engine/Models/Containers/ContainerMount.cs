namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>A mount as the engine created it (API 1.41, <c>MountPoint</c>).</summary>
public sealed record ContainerMount
{
    /// <summary>volume, bind, tmpfs, npipe or cluster.</summary>
    public string? Type { get; init; }

    /// <summary>The volume's name; for anonymous ones 64 hexadecimal digits.</summary>
    public string? Name { get; init; }

    /// <summary>The path on the host.</summary>
    public string? Source { get; init; }

    public string? Destination { get; init; }

    public string? Driver { get; init; }

    public bool RW { get; init; }
}
