namespace DbSafety.Docker.Clusters;

/// <summary>A volume that holds a PostgreSQL cluster.</summary>
public sealed record PgDockerVolume
{
    public required string Volume { get; init; }

    public string? Driver { get; init; }

    /// <summary>True for a volume that Docker named by itself: 64 hexadecimal digits.</summary>
    public required bool IsAnonymous { get; init; }

    /// <summary>Of the cluster's PG_VERSION, such as <c>16</c>.</summary>
    public required string Version { get; init; }

    /// <summary>The cluster's folder below the volume's root; empty for the root itself.</summary>
    public required string Path { get; init; }

    /// <summary>Assigned when the cluster was created; copies of a cluster share it. Null when pg_control cannot be read.</summary>
    public ulong? SystemIdentifier { get; init; }

    /// <summary>When initdb created the cluster.</summary>
    public DateTimeOffset? Created { get; init; }

    public DateTimeOffset? LastCheckpoint { get; init; }

    /// <summary>False: its server was killed or runs now.</summary>
    public bool? WasShutDown { get; init; }

    /// <summary>Null where the engine does not measure it.</summary>
    public long? SizeBytes { get; init; }

    public string? ComposeProject { get; init; }

    /// <summary>The volume's name in the compose file.</summary>
    public string? ComposeVolume { get; init; }

    /// <summary>Containers that use it, running containers first.</summary>
    public required IReadOnlyList<VolumeHolder> UsedBy { get; init; }

    /// <summary>No container uses it.</summary>
    public bool IsOrphaned => UsedBy.Count == 0;

    /// <summary>How to access the data; for an orphaned volume, the command to use it again.</summary>
    public required string BringBack { get; init; }

    /// <summary>The command that backs it up without changing the volume.</summary>
    public required string BackUp { get; init; }

    /// <summary>Older clusters on the same volume, as an upgrade leaves them.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];
}

/// <summary>A container that uses a volume.</summary>
public sealed record VolumeHolder(string Name, bool IsRunning)
{
    public override string ToString() => IsRunning ? Name : $"{Name} (stopped)";
}
