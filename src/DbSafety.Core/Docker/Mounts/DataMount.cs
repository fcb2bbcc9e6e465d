using System.Text.RegularExpressions;
using DbSafety.Docker.Engine.Models.Containers;

namespace DbSafety.Docker.Mounts;

/// <summary>What a folder of a container lies on: its nearest mount, which hides those above it.</summary>
/// <param name="Destination">Where it is mounted; the folder itself for the container's own layer.</param>
/// <param name="Source">The volume's name or the host's folder; null for tmpfs and the container's own layer.</param>
/// <param name="AskedFor">True when the container was made with it, false when the image's VOLUME brought it.</param>
public sealed partial record DataMount(MountKind Kind, string Destination, string? Source, bool AskedFor)
{
    /// <summary>True when its data is still found after the container has been removed.</summary>
    public bool IsLasting => Kind is MountKind.NamedVolume or MountKind.BindMount;

    /// <summary>Docker's own names for volumes that nobody named are 64 hexadecimal digits.</summary>
    public static bool IsAnonymous(string volume) => AnonymousName().IsMatch(volume);

    public static DataMount Of(ContainerDetails container, string folder) =>
        All(container)
            .Where(m => ContainerPath.IsAtOrAbove(m.Destination, folder))
            .MaxBy(m => m.Destination.Length)
        ?? new DataMount(MountKind.ContainerLayer, ContainerPath.Normalize(folder), null, AskedFor: false);

    /// <summary>Every mount of a container; <c>--tmpfs</c> is kept apart by the engine (API 1.41) and added here.</summary>
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
    /// An anonymous volume can be asked for by its name: compose does so when it makes a container again. It stays anonymous, since nothing but
    /// the container knows which one it is.
    /// </summary>
    private static bool WasAskedFor(ContainerDetails container, ContainerMount mount) =>
        (container.HostConfig?.Binds ?? []).Any(b => b.StartsWith(mount.Name + ":", StringComparison.Ordinal))
        || (container.HostConfig?.Mounts ?? []).Any(m => m.Source == mount.Name);

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex AnonymousName();
}
