using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Errors;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>What is the data directory on?</summary>
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
                $"{data} is in the folder {facts.Volume?.BoundFolder ?? mount.Source} of the host, which remains when the container is removed. Whether it is on a disk is not known: {facts.FileSystem.Reason}. "
                + "A folder in memory (tmpfs) is lost when the host restarts.",
                $"Check on the engine's machine: stat -f -c %T {facts.Volume?.BoundFolder ?? mount.Source}"),
            MountKind.NamedVolume => Answer(CheckState.Pass, $"{data} is on the named volume {mount.Source}, which remains when the container is removed."),
            MountKind.BindMount => Answer(CheckState.Pass, $"{data} is in the folder {mount.Source} of the host, which remains when the container is removed."),
            MountKind.AnonymousVolume when mount.AskedFor => Answer(
                CheckState.Warn,
                $"{data} is on the anonymous volume {mount.Source}. This container was created with the volume's name, as compose does when it re-creates a container; "
                + "after docker compose down, nothing refers to the volume.",
                Move(facts)),
            MountKind.AnonymousVolume => Answer(
                CheckState.Fail,
                $"{data} is on the anonymous volume {mount.Source}. The next container gets a new, empty one; docker rm -v and docker compose down -v delete it.",
                Move(facts)),
            MountKind.Tmpfs => Answer(CheckState.Fail, $"{data} is in memory (tmpfs at {mount.Destination}): it is lost as soon as {facts.Name} stops.", Move(facts)),
            _ => Answer(CheckState.Fail, $"{data} is in the container's writable layer, not on a volume: docker rm {facts.Name}, or re-creating it for a new image, deletes the data.", Move(facts)),
        };
    }

    private static string InMemory(VolumeFacts facts)
    {
        var (type, source) = (facts.FileSystem.Type, facts.Mount.Source);
        if (facts.Mount.Kind == MountKind.BindMount)
            return $"{facts.Layout.DataDirectory} is in the folder {source} of the host, which is in memory ({type}): it remains when the container is removed, but is lost when the host restarts.";
        return facts.Volume is { BoundFolder: null, OptionType: not null }
            ? $"{facts.Layout.DataDirectory} is on the named volume {source}, which is in memory ({type}): it is lost when the last container that uses it stops."
            : $"{facts.Layout.DataDirectory} is on the named volume {source}, whose folder on the host is in memory ({type}): it remains when the container is removed, but is lost when the host restarts.";
    }

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("mount", state, evidence, remedy);

    private static string Move(VolumeFacts facts) =>
        $"Back up before anything else: {Advice.Of($"backup create --container {facts.Name} --destination ./backups")}. Then re-create the container with "
        + $"-v {facts.SuggestedVolume}:{facts.Layout.MountPoint} and restore that backup.";
}
