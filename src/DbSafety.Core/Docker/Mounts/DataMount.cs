using System.Text.RegularExpressions;
using DbSafety.Docker.Engine.Models.Containers;

namespace DbSafety.Docker.Mounts;

/// <summary>What a folder of a container is on: its nearest mount, which hides the mounts above it.</summary>
/// <param name="Destination">Where it is mounted; the folder itself for the container's own layer.</param>
/// <param name="Source">The volume's name or the host's folder; null for tmpfs and the container's own layer.</param>
/// <param name="AskedFor">True when the container was created with it, false when it comes from the image's VOLUME.</param>
public sealed partial record DataMount(MountKind Kind, string Destination, string? Source, bool AskedFor)
{
    /// <summary>True when its data remains after the container has been removed.</summary>
    public bool IsLasting => Kind is MountKind.NamedVolume or MountKind.BindMount;

    /// <summary>Docker's names for anonymous volumes are 64 hexadecimal digits.</summary>
    public static bool IsAnonymous(string volume) => AnonymousName().IsMatch(volume);

    public static DataMount Of(ContainerDetails container, string folder) =>
        All(container)
            .Where(m => ContainerPath.IsAtOrAbove(m.Destination, folder))
            .MaxBy(m => m.Destination.Length)
        ?? new DataMount(MountKind.ContainerLayer, ContainerPath.Normalize(folder), null, AskedFor: false);

    /// <summary>Every mount of a container; the engine lists <c>--tmpfs</c> separately (API 1.41), so it is added here.</summary>
    public static IReadOnlyList<DataMount> All(ContainerDetails container) =>
    [
        .. (container.Mounts ?? []).Where(m => m.Destination is not null).Select(m => From(container, m)),
        .. (container.HostConfig?.Tmpfs ?? new Dictionary<string, string>()).Keys
            .Select(path => new DataMount(MountKind.Tmpfs, ContainerPath.Normalize(path), null, AskedFor: true)),
    ];

    private static DataMount From(ContainerDetails container, ContainerMount mount)
    {
        var destination = ContainerPath.Normalize(mount.Destination!);
        return mount.Type switch
        {
            "tmpfs" => new DataMount(MountKind.Tmpfs, destination, null, AskedFor: true),
            "volume" or "cluster" => new DataMount(
                IsAnonymous(mount.Name ?? "") ? MountKind.AnonymousVolume : MountKind.NamedVolume, destination, mount.Name, WasAskedFor(container, mount)),
            _ => new DataMount(MountKind.BindMount, destination, mount.Source, AskedFor: true),
        };
    }

    /// <summary>
    /// An anonymous volume can be requested by its name: compose does so when it re-creates a container. It is still anonymous, because only
    /// the container refers to it.
    /// </summary>
    private static bool WasAskedFor(ContainerDetails container, ContainerMount mount) =>
        (container.HostConfig?.Binds ?? []).Any(b => b.StartsWith(mount.Name + ":", StringComparison.Ordinal))
        || (container.HostConfig?.Mounts ?? []).Any(m => m.Source == mount.Name);

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex AnonymousName();
}
