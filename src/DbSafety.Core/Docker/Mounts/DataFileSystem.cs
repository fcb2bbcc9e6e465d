namespace DbSafety.Docker.Mounts;

/// <summary>The file system that the data directory is on, as the engine's kernel reports it.</summary>
/// <param name="Type">Such as <c>ext4</c> or <c>tmpfs</c>; null: not known.</param>
/// <param name="Reason">Why it is not known.</param>
public sealed record DataFileSystem(string? Type, string? Reason = null)
{
    /// <summary>It is in memory: it is lost when the host restarts.</summary>
    public bool IsMemory => Type is "tmpfs" or "ramfs" or "devtmpfs" or "hugetlbfs" or "rootfs";
}
