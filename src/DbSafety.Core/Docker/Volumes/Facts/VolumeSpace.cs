namespace DbSafety.Docker.Volumes.Facts;

/// <summary>The size of the data and the free space on its file system.</summary>
/// <param name="Bytes">Of the data directory; null: not measured.</param>
/// <param name="Free">Of its file system, for ordinary users; null: not measured.</param>
/// <param name="Reason">Why something was not measured.</param>
public sealed record VolumeSpace(long? Bytes, long? Free, string? Reason);
