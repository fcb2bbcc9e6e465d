using DbSafety.Docker.Engine.Models.Containers;

namespace DbSafety.Docker.Mounts;

/// <summary>A volume or folder that was intended for the data, but is mounted elsewhere.</summary>
/// <param name="ClusterVersion">The version of an older cluster on it, for example after a change to an image that stores its data elsewhere; null when there is none.</param>
public sealed record MisplacedMount(DataMount Mount, string? ClusterVersion)
{
    private const string Root = "/var/lib/postgresql";

    /// <summary>The persistent mount above, below or next to the data directory, the highest first.</summary>
    internal static DataMount? Find(ContainerDetails container, string data) =>
        DataMount.All(container)
            .Where(m => m.IsLasting && (ContainerPath.IsAtOrAbove(m.Destination, data) || ContainerPath.IsBelow(m.Destination, data) || ContainerPath.IsAtOrAbove(Root, m.Destination)))
            .MinBy(m => m.Destination.Length);
}
