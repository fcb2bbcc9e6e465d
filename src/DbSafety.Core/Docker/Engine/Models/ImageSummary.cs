namespace DbSafety.Docker.Engine.Models;

/// <summary>One entry of <c>GET /images/json</c> (API 1.41).</summary>
public sealed record ImageSummary
{
    public required string Id { get; init; }

    /// <summary>Null or <c>&lt;none&gt;:&lt;none&gt;</c> for an image without a name.</summary>
    public IReadOnlyList<string>? RepoTags { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public long Created { get; init; }
}
