using DbSafety.Docker.Volumes;
using DbSafety.Errors;

namespace DbSafety.Docker.Targets;

/// <summary>Finds the one container that is meant, by its own name or by compose's.</summary>
internal static class ContainerFinder
{
    /// <exception cref="DbSafetyException"><c>DBS504</c>, <c>DBS505</c>.</exception>
    public static async Task<ContainerDetails> FindDatabaseAsync(IDockerEngine engine, string name, CancellationToken ct)
    {
        var containers = await engine.ListContainersAsync(ct);
        try
        {
            return await InspectAsync(engine, ContainerLookup.Find(containers, name), name, ct);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.ContainerUnknown)
        {
            var databases = new List<ContainerDetails>();
            foreach (var candidate in ByOtherNames(containers, name))
            {
                if (await engine.InspectContainerAsync(candidate.Id, ct) is { } details && PgLayout.Of(details) is not null)
                    databases.Add(details);
            }

            // Containers of before, stopped and renamed, do not stand in the way of the one that runs.
            var chosen = databases.Where(d => d.IsRunning).ToList() is { Count: > 0 } running ? running : databases;
            if (chosen.Count == 0)
                throw;
            return chosen.Count == 1 ? chosen[0] : throw ErrorCatalogue.ContainerAmbiguous.For(name, string.Join(", ", chosen.Select(c => c.ShortName)));
        }
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
        await engine.InspectContainerAsync(found.Id, ct) ?? throw ErrorCatalogue.ContainerUnknown.For(name, "It was removed a moment ago.");
}
