namespace DbSafety.Docker.Volumes.Facts;

/// <summary>One question about a container's data and its answer.</summary>
/// <param name="Id">Stable, such as <c>mount-place</c>.</param>
/// <param name="Evidence">What was found, in plain words.</param>
/// <param name="Remedy">What to do, with the user's own names filled in; null where there is nothing to do.</param>
public sealed record VolumeCheck(string Id, CheckState State, string Evidence, string? Remedy = null);
