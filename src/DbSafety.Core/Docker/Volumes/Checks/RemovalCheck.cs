using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Mounts;
using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Which common commands would delete the data? This is reported even if nothing is wrong.</summary>
internal sealed class RemovalCheck : IVolumeCheck
{
    /// <summary>Since this version, prune deletes only anonymous volumes unless --all is specified (API 1.42, VolumePrune).</summary>
    private static readonly Version NarrowPrune = new(1, 42);

    public VolumeCheck? Check(VolumeFacts facts)
    {
        var source = facts.Mount.Source;
        switch (facts.Mount.Kind)
        {
            case MountKind.BindMount:
                return Answer(CheckState.Pass, $"No docker command deletes the host's folder {source}.");
            case MountKind.AnonymousVolume:
                return Answer(
                    CheckState.Warn,
                    $"docker rm -v {facts.Name}{ComposeDown(facts)}, and docker volume prune once the container is gone, would delete the data.",
                    $"Use a named volume for the data, mounted at {facts.Layout.MountPoint}.");
            case MountKind.NamedVolume:
                var prune = facts.EngineVersion.ApiVersion < NarrowPrune ? "docker volume prune" : "docker volume prune --all";
                return Answer(
                    CheckState.Pass,
                    $"Once {facts.Name} is removed, {prune} would delete {source}{ComposeDown(facts)}.",
                    facts.Volume?.Label(ComposeLabels.Project) is null
                        ? null
                        : $"To protect it from docker compose down -v, declare it in the compose file with name: {source} and external: true.");
            default:
                // The mount check reports it: removing or stopping the container deletes the data.
                return null;
        }
    }

    private static string ComposeDown(VolumeFacts facts)
    {
        var project = facts.Volume?.Label(ComposeLabels.Project) ?? (facts.Mount.Kind == MountKind.AnonymousVolume ? facts.ComposeProject : null);
        return project is null ? "" : $", and docker compose -p {project} down -v" + (facts.Mount.Kind == MountKind.NamedVolume ? " would do so at once" : "");
    }

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("removal", state, evidence, remedy);
}
