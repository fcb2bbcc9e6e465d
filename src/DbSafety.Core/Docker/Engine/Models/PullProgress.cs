namespace DbSafety.Docker.Engine.Models;

/// <summary>One line of the answer to <c>POST /images/create</c> (API 1.41, ImageCreate).</summary>
/// <param name="Id">The layer, or null.</param>
/// <param name="Error">Why the pull failed; it comes with status 200.</param>
public sealed record PullProgress(string? Status, string? Id, string? Error, PullDetail? Detail);

/// <summary>Bytes of one layer.</summary>
public sealed record PullDetail(long Current, long Total);
