using DbSafety.Docker.Volumes.Facts;
using DbSafety.Errors;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Are there volumes that hold a cluster and that no container uses? docker volume prune deletes them, and possibly the only copy of the data.</summary>
internal sealed class UnusedVolumeCheck : IVolumeCheck
{
    public VolumeCheck? Check(VolumeFacts facts) => facts.LeftBehind.Count == 0
        ? new VolumeCheck("left-behind", CheckState.Pass, "No volume of this engine holds a cluster that no container uses.")
        : new VolumeCheck(
            "left-behind",
            CheckState.Pass,
            $"{facts.LeftBehind.Count} volumes hold a cluster that no container uses: {string.Join(", ", facts.LeftBehind.Take(5).Select(v => $"{v.Volume} (PostgreSQL {v.Version}, {v.LastCheckpoint:yyyy-MM-dd})"))}.",
            $"{Advice.Of($"volume find --orphaned")} shows how to use each of them again; back them up before you run docker volume prune.");
}
