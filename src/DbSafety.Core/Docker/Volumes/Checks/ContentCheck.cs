using DbSafety.Docker.Clusters;
using DbSafety.Docker.Compose;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Errors;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Is the cluster empty although data was expected, and is there an older cluster on a volume that no container uses?</summary>
internal sealed class ContentCheck : IVolumeCheck
{
    public VolumeCheck? Check(VolumeFacts facts)
    {
        var older = facts.LeftBehind.Where(v => facts.ClusterCreated is null || v.LastCheckpoint < facts.ClusterCreated).ToList();
        var same = facts.LeftBehind.FirstOrDefault(v => v.ComposeVolume is not null && v.ComposeVolume == facts.Volume?.Label(ComposeLabels.Volume));
        var empty = facts.Content is { Tables: 0 };
        if (same is not null && (empty || older.Contains(same)) && Witness(facts, same) is { } witness)
            return Answer(
                CheckState.Fail,
                $"{Own(facts)}; the volume {same.Volume} of the compose project {same.ComposeProject}, which has the same name in its compose file, holds {Words(same)}, and no container uses it. "
                + $"The project was renamed: {witness.Name} of the project {same.ComposeProject} was created from the same compose file.",
                $"To use it again, {same.BringBack}. To keep a copy: {same.BackUp}");
        if (same is not null && empty && older.Contains(same))
            return Answer(
                CheckState.Warn,
                $"{Own(facts)}; the volume {same.Volume} of the compose project {same.ComposeProject} has the same name in its compose file ({same.ComposeVolume}), holds {Words(same)}, and no container uses it. "
                + "Nothing on this engine shows whether it belongs to this application.",
                $"Back it up to check its contents: {same.BackUp}. If it is your data, {same.BringBack}");
        if (empty)
            return Answer(
                older.Count > 0 || facts.App is not null ? CheckState.Warn : CheckState.Pass,
                $"{Own(facts)}{(older.Count > 0 ? $"; {string.Join(" and ", older.Take(3).Select(v => $"{v.Volume}, which no container uses, holds {Words(v)}"))}" : "")}.",
                older.Count > 0 ? $"If that is your data: {older[0].BringBack}" : $"If you expected data here, search for it: {Advice.Of($"volume find")}");
        return facts.Content is { } content ? Answer(CheckState.Pass, $"It holds {content.Tables:N0} tables.") : null;
    }

    /// <summary>A container of that project that was created from the same compose file.</summary>
    private static ContainerSummary? Witness(VolumeFacts facts, PgDockerVolume orphan) =>
        ComposeFile.FilesOf(facts.Container.Label) is not { Count: > 0 } files || orphan.ComposeProject == facts.ComposeProject
            ? null
            : facts.Containers.FirstOrDefault(c => c.ComposeProject is not null && c.ComposeProject == orphan.ComposeProject && ComposeFile.FilesOf(c.Label).Any(files.Contains));

    private static string Own(VolumeFacts facts) =>
        $"The cluster{(facts.ClusterCreated is { } at ? $" was created {at:yyyy-MM-dd HH:mm}Z and" : "")} {(facts.Content is { } content ? (content.Tables == 0 ? "holds no table" : $"holds {content.Tables:N0} tables") : "could not be queried for its tables")}";

    private static string Words(PgDockerVolume volume) => $"a PostgreSQL {volume.Version} cluster that was last written {volume.LastCheckpoint:yyyy-MM-dd HH:mm}Z";

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("content", state, evidence, remedy);
}
