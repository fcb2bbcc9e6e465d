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
            ? $"it follows PostgreSQL {major}: a pull can bring another minor version and another libc, whose collations the indexes may not fit"
            : "a pull can bring another major version of PostgreSQL, which cannot read this data";
        // The official image's PG_VERSION is the package's version: 16.4-1.pgdg120+1.
        var exact = facts.Container.Config?.Variable("PG_VERSION")?.Split('-')[0];
        return new VolumeCheck(
            "tag",
            CheckState.Warn,
            $"The tag of {image} is a floating one{(image.Tag is null ? " (none is latest)" : "")}: {danger}.",
            exact is not null
                ? $"Name the version that runs now: {image.Repository}:{exact}"
                : $"Name the version that runs now: docker exec {facts.Name} postgres --version tells it.");
    }
}
