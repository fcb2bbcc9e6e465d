using DbSafety.Docker.Clusters;
using DbSafety.Docker.Compose;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Mounts;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Docker.Volumes.Facts;

/// <summary>Compares where a container's data is with where its compose files, read again with the current environment, would store it.</summary>
internal sealed class NextUpReader(IDockerEngine engine, IOperationEvents events)
{
    /// <param name="given">The compose file that the user named; null: those on the container's label.</param>
    /// <returns>Null when compose did not create the container.</returns>
    public async Task<NextUp?> ReadAsync(ContainerDetails container, DataPlace? now, ClusterControl? control, string? given, CancellationToken ct)
    {
        var (files, folder) = Files(container, given);
        if (files.Count == 0 || container.Label(ComposeLabels.Service) is not { } service)
            return null;
        var next = new NextUp(string.Join(" and ", files));
        if (files.FirstOrDefault(f => !File.Exists(f)) is { } missing)
            return next with { Reason = $"its compose file {missing} is not on this machine" };
        try
        {
            var project = ComposeProject.Read(files, folder, container.Label(ComposeLabels.EnvironmentFile)?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? []);
            return await CompareAsync(next with { Project = project.Name }, project.Service(service), container, now, control, ct);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.ComposeFileUnreadable || e.Definition == ErrorCatalogue.EnvFileInvalid)
        {
            return next with { Reason = e.Message };
        }
    }

    /// <summary>The specified file, if the container was created from it or from files that have been moved, which makes the files on the label outdated.</summary>
    private static (IReadOnlyList<string> Files, string Folder) Files(ContainerDetails container, string? given)
    {
        var made = ComposeFile.WithOverride(ComposeFile.FilesOf(container.Label));
        if (given is null || made.Contains(Path.GetFullPath(given), StringComparer.Ordinal))
            return (made, container.Label(ComposeLabels.WorkingFolder) is { Length: > 0 } folder ? folder : made.Count > 0 ? Path.GetDirectoryName(made[0])! : "");
        return (ComposeFile.WithOverride([Path.GetFullPath(given)]), Path.GetDirectoryName(Path.GetFullPath(given))!);
    }

    private async Task<NextUp> CompareAsync(NextUp next, ComposeService service, ContainerDetails container, DataPlace? now, ClusterControl? control, CancellationToken ct)
    {
        var name = service.Image ?? container.Config?.Image ?? "";
        var image = await engine.InspectImageAsync(name, ct) ?? (name == container.Config?.Image && container.Image is { } id ? await engine.InspectImageAsync(id, ct) : null);
        var composed = ComposedContainer.Of(service, name, image?.Config);
        if (PgLayout.Of(composed) is not { } layout)
            return next with { Reason = $"image {name} is not recognised as a PostgreSQL image" };
        var place = DataPlace.Of(composed, layout.DataDirectory, await engine.ListVolumesAsync(ct));
        var mount = DataMount.Of(composed, layout.DataDirectory);
        // When compose re-creates a container, it reuses the previous container's volume at a VOLUME of the image.
        var isCarried = mount.Source == ComposedContainer.NewVolume && (container.Mounts ?? []).Any(m => m.Type == "volume" && ContainerPath.Normalize(m.Destination ?? "") == mount.Destination);
        next = next with { Layout = layout, Mount = mount, Place = place, IsCarried = isCarried };
        if (now is not null && place is not null && IsSame(container, now, place))
            return next with { IsSame = true };
        events.Verbose($"{next.Files} specifies {next.Mount.Kind} {place}, the container uses {now}");
        return next with { Holds = next.Mount.Kind == MountKind.NamedVolume ? await HoldsAsync(place!, control, ct) : null };
    }

    /// <summary>An engine in a virtual machine reports a folder under another path than the one it was asked for.</summary>
    private static bool IsSame(ContainerDetails container, DataPlace now, DataPlace next) =>
        now.Folder == next.Folder && (now.Source == next.Source || Asked(container, now.Source) == next.Source);

    private static string? Asked(ContainerDetails container, string source)
    {
        var place = (container.Mounts ?? []).FirstOrDefault(m => m.Type == "bind" && m.Source == source)?.Destination;
        return place is null ? null
            : (container.HostConfig?.Mounts ?? []).FirstOrDefault(m => m.Target == place)?.Source
                ?? (container.HostConfig?.Binds ?? []).Select(ComposeYaml.MountParts).FirstOrDefault(b => b.Count > 1 && b[1] == place)?[0];
    }

    private async Task<string> HoldsAsync(DataPlace place, ClusterControl? control, CancellationToken ct)
    {
        if (await engine.InspectVolumeAsync(place.Source, ct) is null)
            return "which does not exist: compose creates an empty volume, or fails if the file declares it as external";
        try
        {
            return await FindDockerVolumes.FindAsync(engine, new DockerVolumeSearch { Volume = place.Source, SkipSizes = true }, events, ct) is [var other, ..]
                ? $"which holds {(other.SystemIdentifier is { } id && id == control?.SystemIdentifier ? "a copy of this cluster" : "another cluster")} (PostgreSQL {other.Version}, last written {other.LastCheckpoint:yyyy-MM-dd HH:mm}Z)"
                : "which holds no cluster: the server would create an empty cluster";
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineFailed || e.Definition == ErrorCatalogue.ImageUnavailable)
        {
            return $"which exists and cannot be read: {e.Message}";
        }
    }
}
