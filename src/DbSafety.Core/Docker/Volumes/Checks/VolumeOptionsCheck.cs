using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Errors;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Does the volume exist, and where is it stored?</summary>
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
                $"Volume {name} no longer exists on this engine.",
                $"Do not start the container: it would start with an empty volume. Search for the data with {Advice.Of($"volume find")}.");

        var options = volume.Options ?? new Dictionary<string, string>();
        var type = options.GetValueOrDefault("type", "");
        var text = options.Count == 0 ? "no options" : "options " + string.Join(", ", options.Where(o => !IsSecret(o.Key, o.Value)).Select(o => $"{o.Key}={o.Value}"));
        var evidence = $"Volume {name} exists: driver {volume.Driver}, {text}.";
        return type switch
        {
            "tmpfs" or "ramfs" => Answer(
                CheckState.Fail, $"{evidence} It is in memory: its data is lost when the last container that uses it stops.", $"Create a volume on disk: docker volume create {facts.SuggestedVolume}"),
            "nfs" or "nfs4" or "cifs" => Answer(
                CheckState.Warn,
                $"{evidence} It is on another machine: a cluster on {type} needs hard mounts and synchronous exports, and two servers can start on it.",
                "See https://www.postgresql.org/docs/current/creating-cluster.html#CREATING-CLUSTER-NFS"),
            _ => Answer(CheckState.Pass, evidence),
        };
    }

    /// <summary>cifs takes its password among the options.</summary>
    private static bool IsSecret(string key, string value) => key == "o" && value.Contains("password", StringComparison.OrdinalIgnoreCase);

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("volume", state, evidence, remedy);
}
