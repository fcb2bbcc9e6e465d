namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>A mount that <c>--mount</c> or compose requested.</summary>
public sealed record RequestedMount
{
    public string? Type { get; init; }

    public string? Source { get; init; }

    public string? Target { get; init; }

    public RequestedVolume? VolumeOptions { get; init; }
}

/// <summary>Options of a requested volume.</summary>
public sealed record RequestedVolume
{
    /// <summary>The folder of the volume that is mounted; null for all of it (API 1.45).</summary>
    public string? Subpath { get; init; }
}
