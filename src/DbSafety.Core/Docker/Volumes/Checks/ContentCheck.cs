using DbSafety.Docker.Clusters;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Is the cluster empty although data was expected, and does an older one lie on a volume that was left behind?</summary>
internal sealed class ContentCheck : IVolumeCheck
{
    public VolumeCheck? Check(VolumeFacts facts)
    {
        var older = facts.LeftBehind.Where(v => facts.ClusterCreated is null || v.LastCheckpoint < facts.ClusterCreated).ToList();
        var same = facts.LeftBehind.FirstOrDefault(v => v.ComposeVolume is not null && v.ComposeVolume == facts.Volume?.Label(ComposeLabels.Volume));
        var empty = facts.Content is { Tables: 0 };
        if (same is not null && (empty || older.Contains(same)))
            return Answer(
                CheckState.Fail,
                $"{Own(facts)}; the volume {same.Volume} of the compose project {same.ComposeProject}, which has the same name in its compose file, holds {Words(same)} and no container has it: "
                + "most likely the project was renamed, and this is not the data of before.",
                $"To get it back, {same.BringBack}. To keep a copy: {same.BackUp}");
        if (empty)
            return Answer(
                older.Count > 0 || facts.App is not null ? CheckState.Warn : CheckState.Pass,
                $"{Own(facts)}{(older.Count > 0 ? $"; {string.Join(" and ", older.Take(3).Select(v => $"{v.Volume}, which no container has, holds {Words(v)}"))}" : "")}.",
                older.Count > 0 ? $"If that is your data: {older[0].BringBack}" : "If you expected data here, look for it: dbsafety volume find");
        return facts.Content is { } content ? Answer(CheckState.Pass, $"It holds {content.Tables:N0} tables.") : null;
    }

    private static string Own(VolumeFacts facts) =>
        $"The cluster{(facts.ClusterCreated is { } at ? $" was made {at:yyyy-MM-dd HH:mm}Z and" : "")} {(facts.Content is { } content ? (content.Tables == 0 ? "holds no table" : $"holds {content.Tables:N0} tables") : "was not asked for its tables")}";

    private static string Words(PgDockerVolume volume) => $"a cluster of PostgreSQL {volume.Version} that was last written {volume.LastCheckpoint:yyyy-MM-dd HH:mm}Z";

    private static VolumeCheck Answer(CheckState state, string evidence, string? remedy = null) => new("content", state, evidence, remedy);
}
