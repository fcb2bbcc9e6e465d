using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Errors;

namespace DbSafety.Docker.Clusters;

/// <summary>Finds a volume by its name, or by its name in a compose file if it is unique.</summary>
internal static class VolumeLookup
{
    /// <exception cref="DbSafetyException"><c>DBS514</c>.</exception>
    public static VolumeDetails Find(IReadOnlyList<VolumeDetails> volumes, string name)
    {
        if (volumes.FirstOrDefault(v => v.Name == name) is { } exact)
            return exact;
        var near = volumes
            .Where(v => v.Label(ComposeLabels.Volume) == name || v.Name.Contains(name, StringComparison.OrdinalIgnoreCase) || (name.Length >= 6 && v.Name.StartsWith(name, StringComparison.Ordinal)))
            .ToList();
        var begun = near.Where(v => v.Label(ComposeLabels.Volume) == name || (DataMount.IsAnonymous(v.Name) && v.Name.StartsWith(name, StringComparison.Ordinal))).ToList();
        if (begun.Count == 1)
            return begun[0];
        throw ErrorCatalogue.VolumeUnknown.For(
            name, near.Count > 0 ? $"Did you mean {string.Join(" or ", near.Select(v => v.Name).Order(StringComparer.Ordinal).Take(5))}?" : $"{Advice.Of($"volume find")} lists the volumes that hold a cluster.");
    }
}
