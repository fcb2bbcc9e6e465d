using DbSafety.Docker.Engine;

namespace DbSafety.Core.Tests.Docker;

public sealed class ImageReferenceTests
{
    [Theory]
    [InlineData("postgres", "postgres", null, null)]
    [InlineData("postgres:16.4", "postgres", "16.4", null)]
    [InlineData("localhost:5000/db/postgres", "localhost:5000/db/postgres", null, null)]
    [InlineData("localhost:5000/db/postgres:16", "localhost:5000/db/postgres", "16", null)]
    [InlineData("postgres:16@sha256:abc", "postgres", "16", "sha256:abc")]
    [InlineData("postgres@sha256:abc", "postgres", null, "sha256:abc")]
    [InlineData("sha256:abc", "", null, "sha256:abc")]
    [InlineData("1acc288c1fb8", "", null, "1acc288c1fb8")]
    public void Image_references_are_parsed_and_formatted_without_loss(string text, string repository, string? tag, string? digest)
    {
        var image = ImageReference.Parse(text);
        Assert.Equal(new ImageReference(repository, tag, digest), image);
        Assert.Equal(text, image.ToString());
    }

    [Theory]
    [InlineData("postgres", true, null)]
    [InlineData("postgres:latest", true, null)]
    [InlineData("postgres:alpine", true, null)]
    [InlineData("postgres:bookworm", true, null)]
    [InlineData("postgres:16", true, 16)]
    [InlineData("postgres:16-alpine", true, 16)]
    [InlineData("postgres:16-alpine3.20", true, 16)]
    [InlineData("postgis/postgis:16-3.4", true, 16)]
    [InlineData("pgvector/pgvector:pg16", true, 16)]
    [InlineData("timescale/timescaledb:latest-pg16", true, 16)]
    [InlineData("timescale/timescaledb:2.17.2-pg16", false, null)]
    [InlineData("postgres:16.4", false, 16)]
    [InlineData("postgres:16.4-bookworm", false, 16)]
    [InlineData("postgres:9.6.24", false, 9)]
    [InlineData("postgres:18beta1", true, null)]
    [InlineData("postgres:16@sha256:abc", false, 16)]
    [InlineData("registry.example.com/shop/db:3f2a91c", false, null)]
    public void Floating_tags_and_major_versions_are_detected(string text, bool floating, int? major)
    {
        var image = ImageReference.Parse(text);
        Assert.Equal(floating, image.IsFloating);
        if (major is not null)
            Assert.Equal(major, image.Major);
    }
}
