using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Errors;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>
/// Is a volume that was intended for the data mounted above, below or next to it? The image's own VOLUME then hides it, and the data
/// is stored on an anonymous volume.
/// </summary>
internal sealed class MountPlaceCheck : IVolumeCheck
{
    private const string Root = "/var/lib/postgresql";

    public VolumeCheck? Check(VolumeFacts facts)
    {
        var (data, right) = (facts.Layout.DataDirectory, facts.Layout.MountPoint);
        if (facts.Mount is { IsLasting: true } good)
            return Answer(CheckState.Pass, good.Destination == data ? $"The mount is the data directory itself: {data}." : $"The mount is at {good.Destination}, above {data}.");

        if (facts.Misplaced is not { Mount: var meant } misplaced)
            return null;
        if (ContainerPath.IsAtOrAbove(meant.Destination, data))
            return Answer(
                CheckState.Fail,
                $"{meant.Source} is mounted too high, at {meant.Destination}: the mount at {facts.Mount.Destination} hides it there, and the data is not on {meant.Source}.",
                Remedy(facts));
        if (ContainerPath.IsBelow(meant.Destination, data))
            return Answer(CheckState.Fail, $"{meant.Source} is mounted too low, at {meant.Destination}: only a part of {data} is on it.", Remedy(facts));
        var evidence = $"{meant.Source} is mounted at {meant.Destination}, but this image keeps its data in {data}{Since(facts)}: the data is not on {meant.Source}.";
        return misplaced.ClusterVersion is { } old
            ? Answer(
                CheckState.Fail,
                $"{evidence} It holds a PostgreSQL {old} cluster, most likely the previous data.",
                $"Keep {meant.Source}. Run an image of PostgreSQL {old} with -v {meant.Source}:{PgLayout.MountPointOf(meant.Destination)}, back it up, "
                + $"and restore into {facts.Name}, re-created with -v {facts.SuggestedVolume}:{right}.")
            : Answer(CheckState.Fail, evidence, Remedy(facts));
    }

    /// <summary>A new volume, because the files on the misplaced volume would prevent a server from creating its cluster there.</summary>
    private static string Remedy(VolumeFacts facts) =>
        $"Back up first ({Advice.Of($"backup create --container {facts.Name} --destination ./backups")}), then re-create the container with "
        + $"-v {facts.SuggestedVolume}:{facts.Layout.MountPoint} and restore that backup.";

    private static string Since(VolumeFacts facts) =>
        facts.Layout.Major >= 18 && facts.Layout.MountPoint == Root ? " (images for PostgreSQL 18 and later moved it, and need their volume at /var/lib/postgresql)" : "";

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("mount-place", state, evidence, remedy);
}
