namespace DbSafety.Docker.Engine.Models;

/// <summary>The part of <c>GET /images/{name}/json</c> (API 1.41) that is read here.</summary>
public sealed record ImageDetails
{
    public required string Id { get; init; }

    public IReadOnlyList<string>? RepoTags { get; init; }

    public IReadOnlyList<string>? RepoDigests { get; init; }

    public ImageConfig? Config { get; init; }
}
