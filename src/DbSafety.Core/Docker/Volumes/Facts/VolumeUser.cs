namespace DbSafety.Docker.Volumes.Facts;

/// <summary>Another container that has the same volume or folder.</summary>
/// <param name="IsServer">Its own data directory is the same one.</param>
/// <param name="OtherFolder">Where it has a cluster of its own in another folder of the same volume; null: it has none.</param>
public sealed record VolumeUser(string Name, bool IsRunning, bool Writes, bool IsServer, string? OtherFolder = null);
