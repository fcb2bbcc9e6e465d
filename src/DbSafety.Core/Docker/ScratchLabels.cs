using DbSafety.Docker.Engine;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Tools;

namespace DbSafety.Docker;

/// <summary>The labels of temporary containers and volumes: that DbSafety created them, and which process.</summary>
internal static class ScratchLabels
{
    public const string Scratch = "dbsafety.scratch";
    private const string Machine = "dbsafety.scratch.machine";

    public static IReadOnlyDictionary<string, string> Own() => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Scratch] = ScratchOwner.Mark(),
        // An engine can serve several machines, and a container of DbSafety can belong to another process id namespace.
        [Machine] = Environment.MachineName,
    };

    /// <summary>Removes what killed runs of this machine left on the engine, and reports it.</summary>
    public static async Task RemoveAbandonedAsync(IDockerEngine engine, IOperationEvents events, CancellationToken ct)
    {
        foreach (var container in (await engine.ListContainersAsync(ct)).Where(c => IsLeftOver(c.Label(Scratch), c.Label(Machine))))
        {
            try
            {
                await engine.RemoveContainerAsync(container.Id, ct);
                if (await engine.InspectContainerAsync(container.Id, ct) is null)
                    events.Warning($"removed temporary container {container.Name}, which was left by a killed run");
            }
            catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineFailed)
            {
                events.Verbose($"did not remove {container.Name}: {e.Message}");
            }
        }

        foreach (var volume in (await engine.ListVolumesAsync(ct)).Where(v => IsLeftOver(v.Label(Scratch), v.Label(Machine))))
        {
            try
            {
                await engine.RemoveVolumeAsync(volume.Name, ct);
                if (await engine.InspectVolumeAsync(volume.Name, ct) is null)
                    events.Warning($"removed temporary volume {volume.Name}, which was left by a killed run");
            }
            catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineFailed)
            {
                events.Verbose($"did not remove {volume.Name}: {e.Message}");
            }
        }
    }

    private static bool IsLeftOver(string? owner, string? machine) =>
        owner is not null && machine == Environment.MachineName && !ScratchOwner.IsAlive(owner);
}
