namespace DbSafety.Docker.Volumes.Checks;

/// <summary>
/// Is there a volume that was meant for the data and is mounted too high, too low or beside it? The image's own VOLUME then hides it, and the data
/// falls into an anonymous one.
/// </summary>
internal sealed class MountPlaceCheck : IVolumeCheck
{
    private const string Root = "/var/lib/postgresql";

    public VolumeCheck? Check(VolumeFacts facts)
    {
        var (data, right) = (facts.Layout.DataDirectory, facts.Layout.MountPoint);
        if (facts.Mount is { IsLasting: true } good)
            return Answer(CheckState.Pass, good.Destination == data ? $"The mount is the data directory itself: {data}." : $"The mount is at {good.Destination}, above {data}.");

        var meant = DataMount.All(facts.Container)
            .Where(m => m.IsLasting && (ContainerPath.IsAtOrAbove(m.Destination, data) || ContainerPath.IsBelow(m.Destination, data) || ContainerPath.IsAtOrAbove(Root, m.Destination)))
            .MinBy(m => m.Destination.Length);
        if (meant is null)
            return null;
        var remedy = $"Back up first, then mount it at {right}: -v {meant.Source}:{right}";
        if (ContainerPath.IsAtOrAbove(meant.Destination, data))
            return Answer(
                CheckState.Fail,
                $"{meant.Source} is mounted too high, at {meant.Destination}: what is mounted at {facts.Mount.Destination} hides it there, and the data is not on {meant.Source}.",
                remedy);
        return ContainerPath.IsBelow(meant.Destination, data)
            ? Answer(CheckState.Fail, $"{meant.Source} is mounted too low, at {meant.Destination}: only a part of {data} is on it.", remedy)
            : Answer(CheckState.Fail, $"{meant.Source} is mounted at {meant.Destination}, but this image keeps its data in {data}{Since(facts)}: the data is not on {meant.Source}.", remedy);
    }

    private static string Since(VolumeFacts facts) =>
        facts.Layout.Major >= 18 && facts.Layout.MountPoint == Root ? " (images from PostgreSQL 18 on moved it, and want their volume at /var/lib/postgresql)" : "";

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("mount-place", state, evidence, remedy);
}
