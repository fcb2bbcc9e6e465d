using System.Globalization;
using System.Text;
using DbSafety.Databases.Connections;
using DbSafety.Docker.Clusters;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Mounts;
using DbSafety.Docker.Targets;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Docker.Volumes.Facts;

/// <summary>Gathers the facts about a container's data from the engine and, where it runs, from inside the container. It changes nothing.</summary>
internal sealed class VolumeFactsReader(IDockerEngine engine, IOperationEvents events)
{
    /// <param name="composeFile">The compose file that was specified; null: the files that the container was created from.</param>
    public async Task<VolumeFacts> ReadAsync(
        ContainerDetails container, PgLayout expected, IReadOnlyList<ContainerSummary> containers, string? composeFile, CancellationToken ct)
    {
        var layout = await AskedAsync(container, expected, ct);
        var volumes = await engine.ListVolumesAsync(ct);
        var mount = DataMount.Of(container, layout.DataDirectory);
        events.Verbose($"{layout.DataDirectory} of {container.ShortName} is on {mount.Kind} {mount.Source}".TrimEnd());
        var (version, unread) = await ClusterVersionAsync(container, layout.DataDirectory + "/PG_VERSION", ct);
        var isVolume = mount.Kind is MountKind.NamedVolume or MountKind.AnonymousVolume;
        var volume = isVolume ? await engine.InspectVolumeAsync(mount.Source!, ct) : null;
        var control = await ControlAsync(container, layout.DataDirectory, ct);
        return new VolumeFacts
        {
            Container = container,
            Layout = layout,
            Mount = mount,
            Engine = engine.Address,
            EngineVersion = await engine.VersionAsync(ct),
            Volume = volume,
            FileSystem = await FileSystemAsync(container, mount, volume, layout.DataDirectory, ct),
            ClusterVersion = version,
            ClusterUnread = unread,
            Misplaced = mount.IsLasting ? null : await MisplacedAsync(container, layout.DataDirectory, ct),
            Space = container.IsRunning ? await FreeSpaceAsync(container, layout.DataDirectory, ct) : await StoppedRoomAsync(mount, volume, ct),
            Users = await UsersAsync(container, DataPlace.Of(container, layout.DataDirectory, volumes), containers, volumes, ct),
            Containers = containers,
            Content = container.IsRunning
                ? await new ClusterContentReader(async (command, token) => (await TryExecAsync(container, token, command)).Result).ReadAsync(Superuser(container), layout.Major, ct)
                : null,
            Control = control,
            LeftBehind = await LeftBehindAsync(ct),
            Next = await new NextUpReader(engine, events).ReadAsync(container, DataPlace.Of(container, layout.DataDirectory, volumes), control, composeFile, ct),
        };
    }

    /// <summary>Compares the databases of the container's server with the application's target.</summary>
    public async Task<AppTarget> ReadAppAsync(ContainerDetails container, string envFile, DatabaseTarget target, CancellationToken ct)
    {
        if (!container.IsRunning)
            return new AppTarget(envFile, target, null, "the container is not running");
        var user = Superuser(container);
        // The container's own socket, which its image trusts; records end in a zero byte, because a name can contain a line break.
        var (result, reason) = await TryExecAsync(
            container,
            ct,
            "psql", "-XAtqw0", "-U", user, "-d", "postgres", "-c", "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname");
        return result is null
            ? new AppTarget(envFile, target, null, reason)
            : new AppTarget(envFile, target, result.Output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(n => n.Trim('\n')).Where(n => n.Length > 0).ToList(), null);
    }

    private static string Superuser(ContainerDetails container) => container.Config?.Variable("POSTGRES_USER") ?? "postgres";

    /// <summary>The data directory that the server reports; if it does not respond, the directory that the image and the command specify.</summary>
    private async Task<PgLayout> AskedAsync(ContainerDetails container, PgLayout layout, CancellationToken ct)
    {
        if (!container.IsRunning)
            return layout;
        var (result, _) = await TryExecAsync(container, ct, "psql", "-XAtqw", "-U", Superuser(container), "-d", "postgres", "-c", "SHOW data_directory");
        return result?.Output.TrimEnd('\n') is { Length: > 0 } reported && reported.StartsWith('/') && ContainerPath.Normalize(reported) != layout.DataDirectory
            ? layout with { DataDirectory = ContainerPath.Normalize(reported), MountPoint = PgLayout.MountPointOf(ContainerPath.Normalize(reported)), How = "SHOW data_directory of the server" }
            : layout;
    }

    /// <summary>In the container, the kernel reports the type of each mount, on any machine; for a stopped container, only folders of this machine can be checked.</summary>
    private async Task<DataFileSystem> FileSystemAsync(ContainerDetails container, DataMount mount, VolumeDetails? volume, string data, CancellationToken ct)
    {
        if (container.IsRunning && (await TryExecAsync(container, ct, "cat", "/proc/self/mountinfo")).Result is { } inside && MountTable.TypeOf(inside.Output, data) is { } seen)
            return new DataFileSystem(seen);
        if (volume?.BoundFolder is null && volume?.OptionType is { } type)
            return new DataFileSystem(type);
        var folder = mount.Kind == MountKind.BindMount ? mount.Source : volume?.BoundFolder ?? volume?.Mountpoint;
        if (folder is null || !OperatingSystem.IsLinux() || !engine.Address.IsLocal)
            return new DataFileSystem(null, "it can be read only while the container runs");
        return Directory.Exists(folder) && MountTable.TypeOf(await File.ReadAllTextAsync("/proc/self/mountinfo", ct), RealPath(folder)) is { } here
            ? new DataFileSystem(here)
            : new DataFileSystem(null, $"{folder} is not accessible from this machine, and the container can be checked only while it runs");
    }

    /// <summary>Resolves symbolic links, because the mount table contains real paths only.</summary>
    private static string RealPath(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate("", (above, name) =>
        new DirectoryInfo($"{above}/{name}").ResolveLinkTarget(returnFinalTarget: true) is { } target ? RealPath(target.FullName) : $"{above}/{name}");

    private async Task<ClusterControl?> ControlAsync(ContainerDetails container, string data, CancellationToken ct)
    {
        try
        {
            return await engine.ReadFileAsync(container.Id, data + "/global/pg_control", ct) is { } bytes ? ClusterControl.Parse(bytes) : null;
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineFailed)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<PgDockerVolume>> LeftBehindAsync(CancellationToken ct)
    {
        try
        {
            return await FindDockerVolumes.FindAsync(engine, new DockerVolumeSearch { OrphanedOnly = true, SkipSizes = true }, events, ct);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineFailed || e.Definition == ErrorCatalogue.ImageUnavailable)
        {
            events.Verbose($"could not search for orphaned volumes: {e.Message}");
            return [];
        }
    }

    private async Task<MisplacedMount?> MisplacedAsync(ContainerDetails container, string data, CancellationToken ct)
    {
        if (MisplacedMount.Find(container, data) is not { } meant)
            return null;
        // In the container, a mount above the data shows the contents of the mount that hides it, not its own.
        var hidden = ContainerPath.IsAtOrAbove(meant.Destination, data);
        return new MisplacedMount(meant, hidden ? null : (await ClusterVersionAsync(container, meant.Destination + "/PG_VERSION", ct)).Version);
    }

    private async Task<(string? Version, string? Reason)> ClusterVersionAsync(ContainerDetails container, string path, CancellationToken ct)
    {
        string? reason = null;
        try
        {
            if (await engine.ReadFileAsync(container.Id, path, ct) is { } bytes)
                return (Encoding.ASCII.GetString(bytes).Trim(), null);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineFailed)
        {
            // To read from a stopped container, the engine mounts its volumes first, which fails if a share or a folder no longer exists.
            reason = e.Message;
        }

        // Before engine 25, the archive call cannot read a tmpfs.
        if (!container.IsRunning)
            return (null, reason);
        var (result, _) = await TryExecAsync(container, ct, "cat", path);
        return result?.Output.Trim() is { Length: > 0 } version ? (version, null) : (null, reason);
    }

    private async Task<VolumeSpace> FreeSpaceAsync(ContainerDetails container, string folder, CancellationToken ct)
    {
        // On a busy cluster, files disappear while du runs: it exits with 1, but still reports the sum.
        var (size, sizeReason) = await TryExecAsync(container, ct, "du", "-sk", folder);
        var (free, freeReason) = await TryExecAsync(container, ct, "df", "-Pk", folder);
        return new VolumeSpace(ContainerPlace.Kilobytes(size?.Output, line: 0, column: 0), ContainerPlace.Kilobytes(free?.Output, line: 1, column: 3), sizeReason ?? freeReason);
    }

    /// <summary>A full disk stops a server: then this machine's file system is checked, if the engine is local and the user has permission.</summary>
    private async Task<VolumeSpace> StoppedRoomAsync(DataMount mount, VolumeDetails? volume, CancellationToken ct)
    {
        var folder = mount.Kind == MountKind.BindMount ? mount.Source : volume is { Driver: "local", Options: null or { Count: 0 } } ? volume.Mountpoint : null;
        if (!engine.Address.IsLocal || folder is null || !Directory.Exists(folder))
            return new VolumeSpace(null, null, "du and df can run only in a running container");
        long? bytes = volume is not null && (await engine.VolumeSizesAsync(ct)).TryGetValue(volume.Name, out var size) ? size : null;
        return new VolumeSpace(bytes, new DriveInfo(folder).AvailableFreeSpace, "the container is not running, and the size of a folder on the host is not measured");
    }

    private async Task<IReadOnlyList<VolumeUser>> UsersAsync(
        ContainerDetails container, DataPlace? mine, IReadOnlyList<ContainerSummary> containers, IReadOnlyList<VolumeDetails> volumes, CancellationToken ct)
    {
        var users = new List<VolumeUser>();
        if (mine is null)
            return users;
        foreach (var other in containers.Where(c => c.Id != container.Id))
        {
            var shared = (other.Mounts ?? []).Where(m => IsShared(mine, m, volumes)).ToList();
            if (shared.Count == 0)
                continue;
            var place = await engine.InspectContainerAsync(other.Id, ct) is { } details && PgLayout.Of(details) is { } layout
                ? DataPlace.Of(details, (await AskedAsync(details, layout, ct)).DataDirectory, volumes)
                : null;
            var isSame = place is not null && place.IsSame(mine);
            users.Add(new VolumeUser(other.Name, other.IsRunning, shared.Any(m => m.RW), isSame, place is not null && !isSame && place.Source == mine.Source ? place.ToString() : null));
        }

        return users;
    }

    private static bool IsShared(DataPlace mine, ContainerMount other, IReadOnlyList<VolumeDetails> volumes) =>
        other.Type is "volume" or "bind"
        && ((other.Type == "volume" && other.Name == mine.Source) || (mine.HostFolder is { } host && DataPlace.HostFolderOf(other, volumes) is { } folder && DataPlace.Overlap(host, folder)));

    /// <summary>Runs a program in the container; if it cannot run, the reason is returned and not thrown, because the container may not have the program.</summary>
    private async Task<(ExecResult? Result, string? Reason)> TryExecAsync(ContainerDetails container, CancellationToken ct, params string[] command)
    {
        try
        {
            var result = await engine.ExecAsync(new ExecRequest(container.Id, command), ct);
            events.Debug($"{string.Join(' ', command)} in {container.ShortName} exited with code {result.ExitCode}");
            if (result.ExitCode == 0 || (command[0] == "du" && result.Output.Length > 0))
                return (result, null);
            var message = (result.Error + result.Output).Trim().Split('\n')[0];
            return (null, $"{command[0]} in the container failed with exit code {result.ExitCode}{(message.Length > 0 ? ": " + message : "")}");
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineFailed || e.Definition == ErrorCatalogue.ContainerStopped)
        {
            return (null, e.Message);
        }
    }
}
