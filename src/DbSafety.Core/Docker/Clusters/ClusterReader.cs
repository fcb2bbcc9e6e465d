using System.Globalization;
using System.Text;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Docker.Clusters;

/// <summary>
/// Searches a volume for clusters by reading single files of it, through a container that uses it; for an orphaned volume, through a container that is created for
/// that, with the volume read-only, and never started. Nothing on the volume is changed.
/// </summary>
internal sealed class ClusterReader(IDockerEngine engine, IOperationEvents events)
{
    private const string Place = "/dbsafety-volume";

    /// <summary>Where clusters are on volumes: official images, volumes mounted one level too high, PGDATA as the images' pages suggest it, Bitnami, TimescaleDB's HA image, Debian.</summary>
    private static readonly string[] Folders =
    [
        "", "data", "pgdata", "data/pgdata", "pgdata/data", "postgresql/data", "main",
        .. Enumerable.Range(14, 7).Reverse().SelectMany(v => (string[])[$"{v.ToString(CultureInfo.InvariantCulture)}/docker", $"{v.ToString(CultureInfo.InvariantCulture)}/main"]),
    ];

    private string? image;

    /// <summary>The clusters of a volume, latest checkpoint first; empty if it holds none.</summary>
    /// <param name="user">A container that uses it, or null.</param>
    /// <exception cref="DbSafetyException"><c>DBS507</c> the volume cannot be mounted; <c>DBS511</c> the engine has no image to read it with.</exception>
    public async Task<IReadOnlyList<VolumeCluster>> ReadAsync(string volume, (string Container, string Destination)? user, CancellationToken ct)
    {
        if (user is var (container, destination))
            return await FindAsync(container, destination, ct);
        var reader = await engine.CreateContainerAsync(
            new ContainerRequest(await ImageAsync(ct)) { Network = "none", Labels = ScratchLabels.Own(), Mounts = [new MountRequest("volume", volume, Place, ReadOnly: true)] },
            CancellationToken.None);
        try
        {
            return await FindAsync(reader, Place, ct);
        }
        finally
        {
            await engine.RemoveContainerAsync(reader, CancellationToken.None);
        }
    }

    private async Task<IReadOnlyList<VolumeCluster>> FindAsync(string container, string root, CancellationToken ct)
    {
        var found = new List<VolumeCluster>();
        foreach (var folder in Folders)
        {
            var path = folder.Length == 0 ? root : $"{root.TrimEnd('/')}/{folder}";
            if (await engine.ReadFileAsync(container, path + "/PG_VERSION", ct) is not { } version)
                continue;
            var control = await engine.ReadFileAsync(container, path + "/global/pg_control", ct);
            var settings = await engine.ReadFileAsync(container, path + "/postgresql.conf", ct);
            found.Add(new VolumeCluster(folder, Encoding.ASCII.GetString(version).Trim(), control is null ? null : ClusterControl.Parse(control), settings is not null));
            events.Debug($"{path} in {container} holds a cluster of PostgreSQL {found[^1].Version}");
            // A folder below a cluster's folder is not another cluster.
            if (folder.Length == 0)
                break;
        }

        return [.. found.OrderByDescending(c => c.Control?.LastCheckpoint)];
    }

    /// <summary>A container that is never started can use any image, but the engine requires an image to create it.</summary>
    private async Task<string> ImageAsync(CancellationToken ct) =>
        image ??= (await engine.ListImagesAsync(ct)).Select(i => i.Id).FirstOrDefault()
            ?? throw ErrorCatalogue.ImageUnavailable.For("postgres", "this engine has no images, and DbSafety needs an image to read a volume");
}
