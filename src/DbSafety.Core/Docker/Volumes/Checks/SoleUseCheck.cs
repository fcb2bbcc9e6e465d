using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Is more than one running container on the data? Two servers on one cluster corrupt it; in two containers, their lock files do not protect each other.</summary>
internal sealed class SoleUseCheck : IVolumeCheck
{
    public VolumeCheck? Check(VolumeFacts facts)
    {
        if (facts.Mount.Kind is MountKind.Tmpfs or MountKind.ContainerLayer)
            return null;
        var source = facts.Mount.Source;
        var running = facts.Users.Where(u => u.IsRunning).ToList();
        var servers = running.Where(u => u.IsServer).Select(u => u.Name).ToList();
        if (servers.Count > 0)
            return Answer(
                CheckState.Fail,
                $"{List(servers)} also {Verb(servers)} a PostgreSQL server on {source}. Two servers on one cluster corrupt it.",
                $"Stop all but one server immediately: docker stop {string.Join(' ', servers)}. Then use a separate volume for each server.");
        var writers = running.Where(u => u.Writes && u.OtherFolder is null).Select(u => u.Name).ToList();
        if (writers.Count > 0)
            return Answer(
                CheckState.Warn, $"{List(writers)} can also write to {source}.", $"Mount it read-only there ({source}:…:ro), or do not mount it: copies of the files of a running server are not a backup.");
        var stopped = facts.Users.Where(u => u is { IsRunning: false, IsServer: true }).Select(u => u.Name).ToList();
        return stopped.Count > 0
            ? Answer(CheckState.Warn, $"{List(stopped)} (stopped) would also start a server on {source}.", $"Remove what is no longer used: docker rm {string.Join(' ', stopped)}")
            : Answer(CheckState.Pass, $"No other container writes to {Own(facts)}.{Others(facts)}");
    }

    private static string Own(VolumeFacts facts) => facts.Users.Any(u => u.OtherFolder is not null) ? facts.Layout.DataDirectory : facts.Mount.Source!;

    private static string Others(VolumeFacts facts) =>
        string.Concat(facts.Users.Where(u => u.OtherFolder is not null).Select(u => $" {u.Name} has another cluster in the {u.OtherFolder}; removing the volume would remove both clusters."));

    private static string List(List<string> names) => string.Join(", ", names);

    private static string Verb(List<string> names) => names.Count == 1 ? "runs" : "run";

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("sole-use", state, evidence, remedy);
}
