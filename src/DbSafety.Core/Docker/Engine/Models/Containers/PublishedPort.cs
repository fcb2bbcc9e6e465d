namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>A port of a container in <c>GET /containers/json</c>; <see cref="PublicPort"/> is null where it is not published.</summary>
public sealed record PublishedPort
{
    /// <summary>The address of the host it is published on; <c>0.0.0.0</c> and <c>::</c> are all of them.</summary>
    public string? IP { get; init; }

    public int PrivatePort { get; init; }

    public int? PublicPort { get; init; }

    public string? Type { get; init; }
}
