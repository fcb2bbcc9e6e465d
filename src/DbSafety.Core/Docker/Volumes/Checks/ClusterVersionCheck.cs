using System.Globalization;
using DbSafety.Docker.Volumes.Facts;
using DbSafety.Errors;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Can the image's server read the cluster? A server reads clusters of its own major version only.</summary>
internal sealed class ClusterVersionCheck : IVolumeCheck
{
    public VolumeCheck? Check(VolumeFacts facts)
    {
        if (facts.ClusterVersion is not { } cluster)
            return null;
        if (facts.Layout.Major is not { } image)
            return new VolumeCheck("version", CheckState.Unknown, $"The cluster is of PostgreSQL {cluster}; the version of {facts.Image} is not known, because neither PG_MAJOR nor its tag shows it.");
        // Before PostgreSQL 10 a major version had two parts: 9.6.
        return cluster.Split('.')[0] == image.ToString(CultureInfo.InvariantCulture)
            ? new VolumeCheck("version", CheckState.Pass, $"The cluster and the image are both of PostgreSQL {cluster}.")
            : new VolumeCheck(
                "version",
                CheckState.Fail,
                $"The cluster is of PostgreSQL {cluster}, the image {facts.Image} of {image}: its server cannot read this data and will not start.",
                $"Run it on an image of PostgreSQL {cluster}, back up ({Advice.Of($"backup create --container {facts.Name} --destination ./backups")}), "
                + $"and restore into a container of PostgreSQL {image} with a new volume. Keep the old volume until then.");
    }
}
