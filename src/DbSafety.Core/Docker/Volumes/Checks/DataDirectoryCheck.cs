using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Where is the data directory, and is there a cluster in it?</summary>
internal sealed class DataDirectoryCheck : IVolumeCheck
{
    public VolumeCheck Check(VolumeFacts facts)
    {
        var where = $"The data directory is {facts.Layout.DataDirectory} ({facts.Layout.How}).";
        if (facts.ClusterVersion is { } version)
            return new VolumeCheck("data-directory", CheckState.Pass, $"{where} It holds a cluster of PostgreSQL {version}.");
        if (facts.ClusterUnread is { } reason)
            return new VolumeCheck("data-directory", CheckState.Unknown, $"{where} Whether there is a cluster in it cannot be seen: {reason}.");
        return facts.Container.IsRunning
            ? new VolumeCheck(
                "data-directory",
                CheckState.Fail,
                $"{where} There is no cluster in it (no PG_VERSION), although {facts.Name} is running: its data is somewhere else, or it has none.",
                $"Ask the server where it keeps its data: docker exec {facts.Name} psql -U postgres -c 'SHOW data_directory'")
            : new VolumeCheck("data-directory", CheckState.Unknown, $"{where} There is no cluster in it that can be seen while {facts.Name} is stopped.");
    }
}
