namespace DbSafety.Docker;

/// <summary>The part of <c>GET /images/{name}/json</c> (API 1.41) that is read here.</summary>
public sealed record ImageDetails
{
    public required string Id { get; init; }

    public IReadOnlyList<string>? RepoTags { get; init; }

    public IReadOnlyList<string>? RepoDigests { get; init; }

    public ImageConfig? Config { get; init; }
}

/// <summary>What an image brings along.</summary>
public sealed record ImageConfig
{
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>The paths its VOLUME lines name.</summary>
    public IReadOnlyDictionary<string, object>? Volumes { get; init; }
}
