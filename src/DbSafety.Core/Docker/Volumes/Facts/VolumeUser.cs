namespace DbSafety.Docker.Volumes.Facts;

/// <summary>Another container that has the same volume or folder.</summary>
/// <param name="IsServer">It uses the same data directory.</param>
/// <param name="OtherFolder">The other folder of the same volume in which it has another cluster; null: it has none.</param>
public sealed record VolumeUser(string Name, bool IsRunning, bool Writes, bool IsServer, string? OtherFolder = null);
