namespace DbSafety.Docker.Clusters;

/// <summary>A cluster on a volume.</summary>
/// <param name="Path">Its folder below the volume's root; empty for the root itself.</param>
/// <param name="Version">Of PG_VERSION, such as <c>16</c> or <c>9.6</c>.</param>
/// <param name="Control">Null when pg_control is missing or damaged.</param>
/// <param name="HasSettings">False if postgresql.conf is elsewhere, as with Bitnami's images and Debian's packages.</param>
public sealed record VolumeCluster(string Path, string Version, ClusterControl? Control, bool HasSettings)
{
    public int? Major => int.TryParse(Version.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture, out var major) ? major : null;
}
