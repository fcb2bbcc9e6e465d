namespace DbSafety.Docker.Mounts;

/// <summary>What the data directory of a container lies on.</summary>
public enum MountKind
{
    /// <summary>A volume with a name that someone gave it.</summary>
    NamedVolume,

    /// <summary>A folder of the host.</summary>
    BindMount,

    /// <summary>A volume that Docker made and named by itself, because the image asks for one.</summary>
    AnonymousVolume,

    /// <summary>Memory.</summary>
    Tmpfs,

    /// <summary>Nothing: the container's own writable layer.</summary>
    ContainerLayer,
}
