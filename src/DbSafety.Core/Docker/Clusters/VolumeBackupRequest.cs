using DbSafety.Backups;

namespace DbSafety.Docker.Clusters;

/// <summary>Asks for a backup of the cluster on a volume that no running container has.</summary>
/// <param name="Volume">Its name, or its name in a compose file.</param>
public sealed record VolumeBackupRequest(string Volume, string Destination)
{
    /// <summary>Null: every database that holds a table.</summary>
    public string? Database { get; init; }

    /// <summary>The image to read it with; null: one of the cluster's major version that is here, else the official one, pulled.</summary>
    public string? Image { get; init; }

    public string Environment { get; init; } = "default";

    public BackupFormat Format { get; init; } = BackupFormat.Custom;

    public IReadOnlyList<string> Labels { get; init; } = [];

    public bool IncludePasswords { get; init; }

    public bool Checksum { get; init; }

    /// <summary>As in <see cref="BackupRequest.CompressionLevel"/>.</summary>
    public int? CompressionLevel { get; init; }

    /// <summary>Cores used; 0: all there are.</summary>
    public int Jobs { get; init; }

    public BackupSelection Selection { get; init; } = new();

    public string? DockerHost { get; init; }

    public string? DockerContext { get; init; }
}
