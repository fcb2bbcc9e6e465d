using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Engine.Models.Containers;

namespace DbSafety.Docker.Mounts;

/// <summary>Where a folder of a container is stored outside the container. Two servers whose data directories have the same place use the same cluster.</summary>
/// <param name="Source">The volume's name, or the host's folder of a bind mount.</param>
/// <param name="Folder">Below the source; empty for the source itself.</param>
/// <param name="HostFolder">On the engine's machine; null where it is not known.</param>
public sealed record DataPlace(string Source, string Folder, string? HostFolder)
{
    /// <summary>Null for what is in memory or in the container itself.</summary>
    internal static DataPlace? Of(ContainerDetails container, string folder, IReadOnlyList<VolumeDetails> volumes)
    {
        if (DataMount.Of(container, folder) is not { Source: { } source } mount)
            return null;
        var made = (container.Mounts ?? []).LastOrDefault(m => m.Destination is { } place && ContainerPath.Normalize(place) == mount.Destination);
        var subpath = (container.HostConfig?.Mounts ?? []).FirstOrDefault(m => m.Target is { } target && ContainerPath.Normalize(target) == mount.Destination)?.VolumeOptions?.Subpath;
        var below = Join(subpath ?? "", ContainerPath.Normalize(folder)[mount.Destination.Length..]).Trim('/');
        return new DataPlace(source, below, made is not null && HostFolderOf(made, volumes) is { } host ? Join(host, below) : null);
    }

    /// <summary>The host's folder of a mount; a volume can be a bind mount by its options (<c>o=bind,device=/srv/data</c>).</summary>
    internal static string? HostFolderOf(ContainerMount mount, IReadOnlyList<VolumeDetails> volumes) => mount.Type == "volume"
        ? volumes.FirstOrDefault(v => v.Name == mount.Name) is { } volume ? volume.BoundFolder ?? volume.Mountpoint : mount.Source
        : mount.Source;

    /// <summary>The same folder; a folder below the other holds another cluster.</summary>
    public bool IsSame(DataPlace other) => (HostFolder, other.HostFolder) is ({ } mine, { } others)
        ? ContainerPath.Normalize(mine) == ContainerPath.Normalize(others)
        : Source == other.Source && Folder == other.Folder;

    internal static bool Overlap(string a, string b) => ContainerPath.IsAtOrAbove(a, b) || ContainerPath.IsAtOrAbove(b, a);

    public override string ToString() => Folder.Length > 0 ? $"folder {Folder} of {Source}" : Source;

    private static string Join(string folder, string below) => below.Trim('/') is { Length: > 0 } rest ? $"{folder.TrimEnd('/')}/{rest}" : folder;
}
