using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Docker.Clusters;

/// <summary>Finds every volume that holds a PostgreSQL cluster, in use or orphaned. It changes nothing.</summary>
public sealed class FindDockerVolumes : IOperation<DockerVolumeSearch, IReadOnlyList<PgDockerVolume>>
{
    /// <returns>Orphaned ones first, the latest checkpoint first among them.</returns>
    /// <exception cref="DbSafetyException"><c>DBS501</c> to <c>DBS509</c>, <c>DBS514</c>.</exception>
    public async Task<IReadOnlyList<PgDockerVolume>> RunAsync(DockerVolumeSearch request, IOperationEvents events, CancellationToken ct)
    {
        using var engine = new DockerEngine(EngineAddress.Resolve(request.DockerHost, request.DockerContext));
        return await FindAsync(engine, request, events, ct);
    }

    internal static async Task<IReadOnlyList<PgDockerVolume>> FindAsync(IDockerEngine engine, DockerVolumeSearch request, IOperationEvents events, CancellationToken ct)
    {
        var volumes = await engine.ListVolumesAsync(ct);
        var chosen = request.Volume is null ? volumes : [VolumeLookup.Find(volumes, request.Volume)];
        var containers = await engine.ListContainersAsync(ct);
        var sizes = request.SkipSizes ? new Dictionary<string, long>() : await engine.VolumeSizesAsync(ct);
        var reader = new ClusterReader(engine, events);
        var found = new List<PgDockerVolume>();
        foreach (var volume in chosen)
        {
            events.Progress("Looking for clusters", volume.Name, (double)found.Count / chosen.Count);
            var users = Users(containers, volume.Name);
            if ((request.OrphanedOnly && users.Count > 0) || await ReadAsync(reader, volume, users, events, ct) is not { Count: > 0 } clusters)
                continue;
            found.Add(Describe(volume, clusters, users, sizes.TryGetValue(volume.Name, out var bytes) ? bytes : null));
        }

        return [.. found.OrderByDescending(v => v.IsOrphaned).ThenByDescending(v => v.LastCheckpoint)];
    }

    /// <summary>A volume that cannot be mounted, for example because its share no longer exists, does not stop the search.</summary>
    private static async Task<IReadOnlyList<VolumeCluster>> ReadAsync(
        ClusterReader reader, VolumeDetails volume, IReadOnlyList<(ContainerSummary Container, string Destination)> users, IOperationEvents events, CancellationToken ct)
    {
        try
        {
            return await reader.ReadAsync(volume.Name, users.Count > 0 ? (users[0].Container.Id, users[0].Destination) : null, ct);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineFailed)
        {
            events.Warning($"the volume {volume.Name} cannot be read: {e.Message}");
            return [];
        }
    }

    private static IReadOnlyList<(ContainerSummary Container, string Destination)> Users(IReadOnlyList<ContainerSummary> containers, string volume) =>
    [
        .. containers
            .SelectMany(c => (c.Mounts ?? []).Where(m => m.Type == "volume" && m.Name == volume && m.Destination is not null).Select(m => (c, m.Destination!)))
            .OrderByDescending(u => u.c.IsRunning),
    ];

    private static PgDockerVolume Describe(VolumeDetails volume, IReadOnlyList<VolumeCluster> clusters, IReadOnlyList<(ContainerSummary Container, string Destination)> users, long? bytes)
    {
        var (cluster, control) = (clusters[0], clusters[0].Control);
        List<VolumeHolder> holders = [.. users.Select(u => new VolumeHolder(u.Container.Name, u.Container.IsRunning)).Distinct()];
        var running = holders.FirstOrDefault(h => h.IsRunning);
        return new PgDockerVolume
        {
            Volume = volume.Name,
            Driver = volume.Driver,
            IsAnonymous = DataMount.IsAnonymous(volume.Name),
            Version = cluster.Version,
            Path = cluster.Path,
            SystemIdentifier = control?.SystemIdentifier,
            Created = control?.Created,
            LastCheckpoint = control?.LastCheckpoint,
            WasShutDown = control?.WasShutDown,
            SizeBytes = bytes,
            ComposeProject = volume.Label(ComposeLabels.Project),
            ComposeVolume = volume.Label(ComposeLabels.Volume),
            UsedBy = holders,
            BringBack = VolumeReturn.Command(volume, cluster, holders),
            BackUp = (running is null ? Advice.Of($"backup create --volume {volume.Name} --destination ./backups") : Advice.Of($"backup create --container {running.Name} --destination ./backups")).ToString(),
            Others = [.. clusters.Skip(1).Select(c => $"PostgreSQL {c.Version} in {c.Path}")],
        };
    }
}
