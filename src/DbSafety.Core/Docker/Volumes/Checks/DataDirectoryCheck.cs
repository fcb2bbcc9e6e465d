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
            return new VolumeCheck("data-directory", CheckState.Unknown, $"{where} Whether it holds a cluster could not be checked: {reason}.");
        return facts.Container.IsRunning
            ? new VolumeCheck(
                "data-directory",
                CheckState.Fail,
                $"{where} It holds no cluster (no PG_VERSION), although {facts.Name} is running: the data is elsewhere, or does not exist.",
                $"Show the server's data directory: docker exec {facts.Name} psql -U postgres -c 'SHOW data_directory'")
            : new VolumeCheck("data-directory", CheckState.Unknown, $"{where} No cluster can be found in it while {facts.Name} is stopped.");
    }
}
