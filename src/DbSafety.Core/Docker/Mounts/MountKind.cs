namespace DbSafety.Docker.Mounts;

/// <summary>What the data directory of a container is on.</summary>
public enum MountKind
{
    /// <summary>A volume with a name that a user specified.</summary>
    NamedVolume,

    /// <summary>A folder of the host.</summary>
    BindMount,

    /// <summary>A volume that Docker created and named itself, because the image declares it.</summary>
    AnonymousVolume,

    /// <summary>Memory.</summary>
    Tmpfs,

    /// <summary>Nothing: the container's own writable layer.</summary>
    ContainerLayer,
}
