using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>What does the data directory lie on?</summary>
internal sealed class MountCheck : IVolumeCheck
{
    public VolumeCheck Check(VolumeFacts facts)
    {
        var (data, mount) = (facts.Layout.DataDirectory, facts.Mount);
        return mount.Kind switch
        {
            MountKind.NamedVolume or MountKind.BindMount when facts.FileSystem.IsMemory => Answer(CheckState.Fail, InMemory(facts), Move(facts)),
            MountKind.BindMount or MountKind.NamedVolume when facts.FileSystem.Type is null && (mount.Kind == MountKind.BindMount || facts.Volume?.BoundFolder is not null) => Answer(
                CheckState.Unknown,
                $"{data} is in the folder {facts.Volume?.BoundFolder ?? mount.Source} of the host, which outlives the container. Whether it is on a disk is not known: {facts.FileSystem.Reason}. "
                + "A folder in memory (tmpfs) does not outlive a restart of the host.",
                $"Find out on the engine's machine: stat -f -c %T {facts.Volume?.BoundFolder ?? mount.Source}"),
            MountKind.NamedVolume => Answer(CheckState.Pass, $"{data} is on the named volume {mount.Source}, which outlives the container."),
            MountKind.BindMount => Answer(CheckState.Pass, $"{data} is in the folder {mount.Source} of the host, which outlives the container."),
            MountKind.AnonymousVolume when mount.AskedFor => Answer(
                CheckState.Warn,
                $"{data} is on the anonymous volume {mount.Source}. This container was given it by name, as compose does when it makes a container again; "
                + "after docker compose down, nothing leads back to it.",
                Move(facts)),
            MountKind.AnonymousVolume => Answer(
                CheckState.Fail,
                $"{data} is on the anonymous volume {mount.Source}. The next container gets a new, empty one; docker rm -v and docker compose down -v delete it.",
                Move(facts)),
            MountKind.Tmpfs => Answer(CheckState.Fail, $"{data} is in memory (tmpfs at {mount.Destination}): it is gone as soon as {facts.Name} stops.", Move(facts)),
            _ => Answer(CheckState.Fail, $"{data} is on no volume, but in the container itself: docker rm {facts.Name}, or making it again for a new image, deletes it.", Move(facts)),
        };
    }

    private static string InMemory(VolumeFacts facts)
    {
        var (type, source) = (facts.FileSystem.Type, facts.Mount.Source);
        if (facts.Mount.Kind == MountKind.BindMount)
            return $"{facts.Layout.DataDirectory} is in the folder {source} of the host, which is in memory ({type}): it outlives the container, but not a restart of the host.";
        return facts.Volume is { BoundFolder: null, OptionType: not null }
            ? $"{facts.Layout.DataDirectory} is on the named volume {source}, which is in memory ({type}): it is gone when the last container on it stops."
            : $"{facts.Layout.DataDirectory} is on the named volume {source}, whose folder on the host is in memory ({type}): it outlives the container, but not a restart of the host.";
    }

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("mount", state, evidence, remedy);

    private static string Move(VolumeFacts facts) =>
        $"Back up before anything else: dbsafety backup create --container {facts.Name} --destination ./backups. Then make the container again with "
        + $"-v {facts.SuggestedVolume}:{facts.Layout.MountPoint} and restore that backup.";
}
