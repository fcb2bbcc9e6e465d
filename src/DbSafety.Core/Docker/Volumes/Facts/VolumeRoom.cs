namespace DbSafety.Docker.Volumes.Facts;

/// <summary>What the data takes and what is left beside it.</summary>
/// <param name="Bytes">Of the data directory; null: not measured.</param>
/// <param name="Free">Of its file system, for ordinary users; null: not measured.</param>
/// <param name="Reason">Why something was not measured.</param>
public sealed record VolumeRoom(long? Bytes, long? Free, string? Reason);
