using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Is the volume there, and what stands behind it?</summary>
internal sealed class VolumeOptionsCheck : IVolumeCheck
{
    public VolumeCheck? Check(VolumeFacts facts)
    {
        if (facts.Mount.Kind is not (MountKind.NamedVolume or MountKind.AnonymousVolume))
            return null;
        var name = facts.Mount.Source;
        if (facts.Volume is not { } volume)
            return Answer(
                CheckState.Fail,
                $"The engine does not know the volume {name} any more.",
                "Do not start the container: it would begin with an empty one. Look for the data with dbsafety volume find.");

        var options = volume.Options ?? new Dictionary<string, string>();
        var type = options.GetValueOrDefault("type", "");
        var text = options.Count == 0 ? "no options" : "options " + string.Join(", ", options.Where(o => !IsSecret(o.Key, o.Value)).Select(o => $"{o.Key}={o.Value}"));
        var evidence = $"The volume {name} is there: driver {volume.Driver}, {text}.";
        return type switch
        {
            "tmpfs" or "ramfs" => Answer(
                CheckState.Fail, $"{evidence} It is memory: its data is gone when the last container on it stops.", $"Make one on disk: docker volume create {facts.SuggestedVolume}"),
            "nfs" or "nfs4" or "cifs" => Answer(
                CheckState.Warn,
                $"{evidence} It lies on another machine: a cluster on {type} needs hard mounts and synchronous exports, and two servers can start on it.",
                "See https://www.postgresql.org/docs/current/creating-cluster.html#CREATING-CLUSTER-NFS"),
            _ => Answer(CheckState.Pass, evidence),
        };
    }

    /// <summary>cifs takes its password among the options.</summary>
    private static bool IsSecret(string key, string value) => key == "o" && value.Contains("password", StringComparison.OrdinalIgnoreCase);

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("volume", state, evidence, remedy);
}
