using DbSafety.Docker.Compose;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Errors;

namespace DbSafety.Docker.Targets;

/// <summary>Finds containers by their own names or by compose's names.</summary>
internal static class ContainerFinder
{
    /// <summary>The only container that matches.</summary>
    /// <exception cref="DbSafetyException"><c>DBS504</c>, <c>DBS505</c>.</exception>
    public static async Task<ContainerDetails> FindDatabaseAsync(IDockerEngine engine, string name, CancellationToken ct)
    {
        var found = await FindDatabasesAsync(engine, await engine.ListContainersAsync(ct), name, ct);
        return found.Count == 1 ? found[0] : throw ErrorCatalogue.ContainerAmbiguous.For(name, string.Join(", ", found.Select(c => c.ShortName)));
    }

    /// <summary>The container of that name, of any image; otherwise the databases of a compose file, service or project, or those on a volume. Never empty.</summary>
    /// <exception cref="DbSafetyException"><c>DBS504</c>, <c>DBS530</c>, <c>DBS531</c>.</exception>
    public static async Task<IReadOnlyList<ContainerDetails>> FindDatabasesAsync(
        IDockerEngine engine, IReadOnlyList<ContainerSummary> containers, string name, CancellationToken ct)
    {
        if (DockerVolumeRequest.IsComposeFile(name))
            return await FindDatabasesAsync(engine, containers, ComposeFile.Read(name), ct);
        try
        {
            return [await InspectAsync(engine, ContainerLookup.Find(containers, name), name, ct)];
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.ContainerUnknown)
        {
            var found = await DatabasesAsync(engine, ByOtherNames(containers, name), ct);
            if (found.Count == 0)
                throw;
            return found;
        }
    }

    private static async Task<IReadOnlyList<ContainerDetails>> FindDatabasesAsync(
        IDockerEngine engine, IReadOnlyList<ContainerSummary> containers, ComposeFile file, CancellationToken ct)
    {
        var made = containers.Where(file.HasCreated).ToList();
        if (await DatabasesAsync(engine, made.Count > 0 ? made : ByOtherNames(containers, file.Project), ct) is { Count: > 0 } found)
            return found;
        // The containers of a project that was renamed or moved still have the previous project name, and the services of this file.
        var elsewhere = containers.Where(c => file.Services.Contains(c.Label(ComposeLabels.Service) ?? "", StringComparer.Ordinal));
        var candidates = (await DatabasesAsync(engine, elsewhere, ct)).Select(c => c.ShortName).ToList();
        throw ErrorCatalogue.ComposeFileNotUp.For(file.Path, file.Project, candidates.Count > 0
            ? $"Other projects have databases of the same service: {string.Join(", ", candidates)}. If the project was renamed, test that container."
            : $"Start it (docker compose up), or search for its data: {Advice.Of($"volume find")}.");
    }

    /// <summary>Previous containers that are stopped and renamed are ignored if others run.</summary>
    private static async Task<IReadOnlyList<ContainerDetails>> DatabasesAsync(IDockerEngine engine, IEnumerable<ContainerSummary> candidates, CancellationToken ct)
    {
        var databases = new List<ContainerDetails>();
        foreach (var candidate in candidates)
        {
            if (await engine.InspectContainerAsync(candidate.Id, ct) is { } details && PgLayout.Of(details) is not null)
                databases.Add(details);
        }

        return databases.Where(d => d.IsRunning).ToList() is { Count: > 0 } running ? running : databases;
    }

    /// <summary>By compose's service, project or PROJECT/SERVICE, or by a volume they have.</summary>
    internal static IReadOnlyList<ContainerSummary> ByOtherNames(IReadOnlyList<ContainerSummary> containers, string name)
    {
        var (project, service) = name.Split('/') is [var p, var s] ? (p, s) : (null, null);
        return
        [
            .. containers.Where(c => project is null
                ? c.Label(ComposeLabels.Service) == name || c.Label(ComposeLabels.Project) == name || (c.Mounts ?? []).Any(m => m.Type == "volume" && m.Name == name)
                : c.Label(ComposeLabels.Project) == project && c.Label(ComposeLabels.Service) == service),
        ];
    }

    private static async Task<ContainerDetails> InspectAsync(IDockerEngine engine, ContainerSummary found, string name, CancellationToken ct) =>
        await engine.InspectContainerAsync(found.Id, ct) ?? throw ErrorCatalogue.ContainerUnknown.For(name, "It has just been removed.");
}
