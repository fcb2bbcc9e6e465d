using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Clusters;

/// <summary>The command to use the data of a volume again, with the actual names.</summary>
internal static class VolumeReturn
{
    private const int NewLayout = 18;

    public static string Command(VolumeDetails volume, VolumeCluster cluster, IReadOnlyList<VolumeHolder> holders)
    {
        if (holders is [var holder, ..])
            return holder.IsRunning ? $"docker exec -it {holder.Name} psql -U postgres" : $"docker start {holder.Name}";
        return volume.Label(ComposeLabels.Volume) is { } name
            ? $"in the compose file: volumes: {{ {name}: {{ name: {volume.Name}, external: true }} }}, then docker compose up -d"
            : Run(volume.Name, cluster);
    }

    /// <summary>At the image's default path, otherwise with PGDATA. A cluster whose settings are elsewhere needs its own image.</summary>
    private static string Run(string volume, VolumeCluster cluster)
    {
        var name = DataMount.IsAnonymous(volume) ? "found-" + volume[..12] : volume + "-db";
        var place = cluster switch
        {
            { HasSettings: false, Path: "data" } => $"-e ALLOW_EMPTY_PASSWORD=yes -v {volume}:/bitnami/postgresql bitnami/postgresql:{cluster.Version}",
            { Path: "", Major: < NewLayout } => $"-v {volume}:/var/lib/postgresql/data postgres:{cluster.Version}",
            { Major: >= NewLayout } when cluster.Path == $"{cluster.Version}/docker" => $"-v {volume}:/var/lib/postgresql postgres:{cluster.Version}",
            _ => $"-e PGDATA=/cluster{(cluster.Path.Length > 0 ? "/" + cluster.Path : "/")} -v {volume}:/cluster postgres:{cluster.Version}",
        };
        return $"docker run -d --name {name} -p 127.0.0.1:5432:5432 {place}";
    }
}
