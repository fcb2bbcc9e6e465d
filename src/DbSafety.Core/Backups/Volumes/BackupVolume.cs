using DbSafety.Audit;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Docker.Clusters;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Docker.Mounts;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Scratch;

namespace DbSafety.Backups.Volumes;

/// <summary>
/// Backs up the cluster on an orphaned volume: it is copied to a temporary volume, started in a temporary container of its major version without a
/// network, and each database is backed up normally. The volume itself is only read.
/// </summary>
public sealed class BackupVolume : IOperation<VolumeBackupRequest, IReadOnlyList<PgBackup>>
{
    private const string Filled = """
        SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                        WHERE c.relkind IN ('r', 'p', 'm', 'S', 'v') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_')
        """;

    /// <exception cref="DbSafetyException"><c>DBS514</c> to <c>DBS517</c>, <c>DBS511</c>, and what a backup raises.</exception>
    public Task<IReadOnlyList<PgBackup>> RunAsync(VolumeBackupRequest request, IOperationEvents events, CancellationToken ct) =>
        AuditLog.RecordAsync(new LogSubject("backup create") { Database = request.Database, Server = $"volume {request.Volume}" }, events, e => BackUpAsync(request, e, ct), BackupDatabase.Logged);

    private static async Task<IReadOnlyList<PgBackup>> BackUpAsync(VolumeBackupRequest request, IOperationEvents events, CancellationToken ct)
    {
        var address = EngineAddress.Resolve(request.DockerHost, request.DockerContext);
        using var engine = new DockerEngine(address);
        var volume = VolumeLookup.Find(await engine.ListVolumesAsync(ct), request.Volume);
        await CheckUnusedAsync(engine, volume.Name, ct);
        if (await new ClusterReader(engine, events).ReadAsync(volume.Name, null, ct) is not [{ Major: { } major } cluster, ..])
            throw ErrorCatalogue.VolumeHasNoCluster.For(volume.Name);
        var image = request.Image ?? (await ScratchImage.FindAsync(engine, major, events, ct)).Image;
        events.Verbose($"{volume.Name} holds a cluster of PostgreSQL {cluster.Version}; it is read with {image}");

        await using var copy = await ClusterCopy.MakeAsync(engine, image, volume.Name, cluster, events, ct);
        var scratch = new ScratchContainerRequest
        {
            Image = image,
            Major = major,
            Engine = address,
            Mounts = [new MountRequest("volume", copy.Volume, ClusterCopy.Place, ReadOnly: false)],
            DataDirectory = ClusterCopy.Place,
            Settings = ClusterCopy.Settings,
            Username = copy.Superuser,
            IsSealed = true,
        };
        await using var server = await StartAsync(scratch, volume.Name, events, ct);
        var backups = new List<PgBackup>();
        foreach (var database in await DatabasesAsync(server.Target, request.Database, ct))
            backups.Add(await new BackupDatabase().RunAsync(Backup(request, volume.Name, server.Target.On(database)), events, ct));
        return backups;
    }

    private static async Task CheckUnusedAsync(DockerEngine engine, string volume, CancellationToken ct)
    {
        var running = (await engine.ListContainersAsync(ct)).FirstOrDefault(c => c.IsRunning && (c.Mounts ?? []).Any(m => m.Type == "volume" && m.Name == volume));
        if (running is not null)
            throw ErrorCatalogue.VolumeInUse.For(volume, running.Name);
    }

    private static async Task<ScratchContainer> StartAsync(ScratchContainerRequest request, string volume, IOperationEvents events, CancellationToken ct)
    {
        try
        {
            events.Progress($"Reading {volume}", "starting a temporary server on the copy");
            return await ScratchContainer.StartAsync(request, events, ct);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.ScratchUnavailable)
        {
            throw ErrorCatalogue.VolumeNotReadable.Because(e, volume, e.Message, $"If it was created by an image with extensions, specify that image ({Advice.Of($"--image")}).");
        }
    }

    /// <summary>The database that was specified, else all that contain anything: an image's own database <c>postgres</c> is most often empty.</summary>
    private static async Task<IReadOnlyList<string>> DatabasesAsync(DatabaseTarget target, string? wanted, CancellationToken ct)
    {
        if (wanted is not null)
            return [wanted];
        await using var connection = await target.OpenMaintenanceAsync(ct);
        var all = await connection.ListAsync("SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1", r => r.GetString(0), ct);
        var filled = new List<string>();
        foreach (var name in all)
        {
            await using var database = await target.On(name).OpenAsync(ct);
            if (name != "postgres" || await database.ScalarAsync<bool>(Filled, ct))
                filled.Add(name);
        }

        return filled.Count > 0 ? filled : all;
    }

    private static BackupRequest Backup(VolumeBackupRequest request, string volume, DatabaseTarget target) => new(target with { Volume = volume }, request.Backup)
    {
        Labels = [.. request.Backup.Labels, $"volume-{(DataMount.IsAnonymous(volume) ? volume[..12] : volume)}"],
    };
}
