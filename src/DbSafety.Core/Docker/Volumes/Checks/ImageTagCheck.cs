using DbSafety.Docker.Engine;
using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Can the same image name be another PostgreSQL, or another libc, after the next pull?</summary>
internal sealed class ImageTagCheck : IVolumeCheck
{
    public VolumeCheck Check(VolumeFacts facts)
    {
        var image = ImageReference.Parse(facts.Image);
        if (!image.IsFloating)
            return new VolumeCheck("tag", CheckState.Pass, $"The image {image} names a fixed version.");
        var danger = image.Major is { } major
            ? $"it follows PostgreSQL {major}: a pull can change the minor version and the libc, whose collations can differ from those of the indexes"
            : "a pull can change the major version of PostgreSQL, and the new version cannot read this data";
        // The official image's PG_VERSION is the package's version: 16.4-1.pgdg120+1.
        var exact = facts.Container.Config?.Variable("PG_VERSION")?.Split('-')[0];
        return new VolumeCheck(
            "tag",
            CheckState.Warn,
            $"The tag of {image} is not fixed{(image.Tag is null ? " (no tag means latest)" : "")}: {danger}.",
            exact is not null
                ? $"Specify the version that runs now: {image.Repository}:{exact}"
                : $"Specify the version that runs now: docker exec {facts.Name} postgres --version shows it.");
    }
}
