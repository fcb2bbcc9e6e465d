using DbSafety.Docker.Engine.Models.Containers;

namespace DbSafety.Docker.Mounts;

/// <summary>A volume or folder that was meant for the data, mounted where the data is not.</summary>
/// <param name="ClusterVersion">Of an older cluster that lies on it, as after a change to an image that keeps its data elsewhere; null when there is none.</param>
public sealed record MisplacedMount(DataMount Mount, string? ClusterVersion)
{
    private const string Root = "/var/lib/postgresql";

    /// <summary>The lasting mount above, below or beside the data directory, the highest first.</summary>
    internal static DataMount? Find(ContainerDetails container, string data) =>
        DataMount.All(container)
            .Where(m => m.IsLasting && (ContainerPath.IsAtOrAbove(m.Destination, data) || ContainerPath.IsBelow(m.Destination, data) || ContainerPath.IsAtOrAbove(Root, m.Destination)))
            .MinBy(m => m.Destination.Length);
}
