using System.Text.Json.Serialization;

namespace DbSafety.Docker;

/// <summary>One line of the answer to <c>POST /images/create</c> (API 1.41, ImageCreate).</summary>
/// <param name="Id">The layer, or null.</param>
/// <param name="Error">Why the pull failed; it comes with status 200.</param>
public sealed record PullProgress(
    [property: JsonPropertyName("status")] string? Status,
    [property: JsonPropertyName("id")] string? Id,
    [property: JsonPropertyName("error")] string? Error,
    [property: JsonPropertyName("progressDetail")] PullDetail? Detail);

/// <summary>Bytes of one layer.</summary>
public sealed record PullDetail([property: JsonPropertyName("current")] long Current, [property: JsonPropertyName("total")] long Total);
