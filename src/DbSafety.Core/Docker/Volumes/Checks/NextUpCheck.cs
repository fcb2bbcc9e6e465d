using DbSafety.Docker.Compose;
using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Errors;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Does the next <c>docker compose up</c> start with this data? A name from <c>.env</c>, the project's name, a path or PGDATA can have changed since the last one.</summary>
internal sealed class NextUpCheck : IVolumeCheck
{
    public VolumeCheck? Check(VolumeFacts facts)
    {
        if (facts.Next is not { } next)
            return null;
        if (next.Reason is { } reason)
            return Answer(CheckState.Unknown, $"The mounts of the next docker compose up are not known: {reason}.", "Compare the output of docker compose config with the mounts of the container.");
        if (next.IsSame)
            return IsOtherMajor(facts, next)
                ? Answer(
                    CheckState.Fail,
                    $"According to {next.Files}, the next docker compose up runs PostgreSQL {next.Layout!.Major} on this PostgreSQL {facts.ClusterVersion} cluster, which its server cannot read.",
                    $"Back up with the current image ({Advice.Of($"backup create --container {facts.Name} --destination ./backups")}), and restore into a new volume of PostgreSQL {next.Layout.Major}.")
                : Answer(CheckState.Pass, $"According to {next.Files} and the current environment, the next docker compose up starts with this data.");
        // Both lose the data in the same way, which the mount check reports.
        if (!facts.Mount.IsLasting && next.Mount!.Kind == facts.Mount.Kind)
            return null;
        return Answer(
            CheckState.Fail,
            $"{(next.IsCarried ? "After docker compose down, the next docker compose up" : "The next docker compose up")} would not start with this data, which is on {Where(facts.Mount)}. According to {next.Files} and the current environment, {Project(facts, next)}the data directory is "
            + $"{next.Layout!.DataDirectory} on {(next.Place is { } place && next.Mount!.Kind != MountKind.AnonymousVolume ? Named(next.Mount, place) : Where(next.Mount!))}{(next.Holds is { } holds ? $", {holds}" : "")}.",
            Remedy(facts, next));
    }

    private static bool IsOtherMajor(VolumeFacts facts, NextUp next) =>
        next.Layout?.Major is { } major && facts.ClusterVersion is { } cluster && cluster.Split('.')[0] != major.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Project(VolumeFacts facts, NextUp next) =>
        next.Project is { } project && project != facts.ComposeProject ? $"the project is {project} (this container belongs to {facts.ComposeProject}), and " : "";

    private static string Named(DataMount mount, DataPlace place) => mount.Kind == MountKind.BindMount ? $"the host's {(place.Folder.Length > 0 ? place.ToString() : "folder " + place)}" : $"the volume {place.Source}{(place.Folder.Length > 0 ? $" (folder {place.Folder})" : "")}";

    private static string Where(DataMount mount) => mount.Kind switch
    {
        MountKind.NamedVolume => $"the volume {mount.Source}",
        MountKind.BindMount => $"the host's folder {mount.Source}",
        MountKind.AnonymousVolume when mount.Source is { } name && name != ComposedContainer.NewVolume => $"the anonymous volume {name}",
        MountKind.AnonymousVolume => "a new, anonymous volume",
        MountKind.Tmpfs => "memory (tmpfs)",
        _ => "the container's writable layer",
    };

    private static string Remedy(VolumeFacts facts, NextUp next)
    {
        var backup = $"Back up first: {Advice.Of($"backup create --container {facts.Name} --destination ./backups")}.";
        if (!facts.Mount.IsLasting)
            return $"{backup} Then run docker compose up, and restore that backup.";
        var project = next.Project is { } now && now != facts.ComposeProject ? $"Restore the project's name (name: {facts.ComposeProject} in the compose file), or" : "Restore the previous setting, or";
        var source = facts.Mount.Kind == MountKind.NamedVolume ? $"declare the volume with name: {facts.Mount.Source} and external: true," : $"mount {facts.Mount.Source},";
        return $"{backup} {project} {source} at {facts.Mount.Destination} with PGDATA {facts.Layout.DataDirectory}.";
    }

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("next-up", state, evidence, remedy);
}
