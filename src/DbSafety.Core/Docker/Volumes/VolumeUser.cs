namespace DbSafety.Docker.Volumes;

/// <summary>Another container that has the same volume or folder.</summary>
/// <param name="IsServer">Its own data directory is on it.</param>
public sealed record VolumeUser(string Name, bool IsRunning, bool Writes, bool IsServer);
