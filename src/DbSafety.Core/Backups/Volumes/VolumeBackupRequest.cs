using DbSafety.Docker.Engine.Transport;

namespace DbSafety.Backups.Volumes;

/// <summary>Asks for a backup of the cluster on a volume that no running container has.</summary>
/// <param name="Volume">Its name, or its name in a compose file.</param>
public sealed record VolumeBackupRequest(string Volume, BackupSettings Backup)
{
    /// <summary>Null: every database that holds a table.</summary>
    public string? Database { get; init; }

    /// <summary>The image to read it with; null: one of the cluster's major version that is here, else the official one, pulled.</summary>
    public string? Image { get; init; }

    public string? DockerHost { get; init; }

    public string? DockerContext { get; init; }
}
