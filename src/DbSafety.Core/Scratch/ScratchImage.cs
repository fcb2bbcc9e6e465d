using System.Globalization;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Scratch;

/// <summary>The image of a temporary PostgreSQL server: an image that already exists on the engine, else the official image, which is pulled.</summary>
internal static class ScratchImage
{
    /// <summary>Pulled if any version is suitable.</summary>
    private const int Newest = 18;

    /// <summary>Where official images let SQL and scripts be put; what has it has their entrypoint too (https://hub.docker.com/_/postgres).</summary>
    private static readonly string[] Official = ["postgres", "postgis", "pgvector", "timescaledb"];

    /// <param name="major">Null: any.</param>
    /// <exception cref="DbSafetyException"><c>DBS511</c>.</exception>
    public static async Task<(string Image, int Major)> FindAsync(IDockerEngine engine, int? major, IOperationEvents events, CancellationToken ct)
    {
        if (await LocalAsync(engine, major, ct) is { } local)
            return local;
        var wanted = major ?? Newest;
        var image = string.Create(CultureInfo.InvariantCulture, $"postgres:{wanted}");
        events.Information($"pulling image {image}");
        await engine.PullImageAsync(image, p => events.Progress($"Pulling {image}", $"{p.Id} {p.Status}".Trim(), p.Detail is { Total: > 0 } d ? (double)d.Current / d.Total : null), ct);
        return (image, wanted);
    }

    /// <summary>The major version that the image declares; null if it declares none.</summary>
    public static async Task<int?> MajorAsync(IDockerEngine engine, string image, CancellationToken ct) =>
        await engine.InspectImageAsync(image, ct) is { } details ? MajorOf(details.Config?.Env) : null;

    /// <summary>The plainest and newest image on the engine: official images before images with extensions.</summary>
    private static async Task<(string Image, int Major)?> LocalAsync(IDockerEngine engine, int? major, CancellationToken ct)
    {
        var found = new List<(string Tag, int Major, int Rank, long Created)>();
        foreach (var image in await engine.ListImagesAsync(ct))
        {
            if (image.RepoTags?.FirstOrDefault(t => !t.StartsWith('<')) is not { } tag || Rank(tag) is not { } rank)
                continue;
            if (await MajorAsync(engine, image.Id, ct) is { } its && (major is null || its == major))
                found.Add((tag, its, rank, image.Created));
        }

        return found.Count == 0 ? null : found.OrderBy(f => f.Rank).ThenByDescending(f => f.Major).ThenByDescending(f => f.Created).Select(f => (f.Tag, f.Major)).First();
    }

    private static int? Rank(string tag) => Array.IndexOf(Official, ImageReference.Parse(tag).ShortName) is >= 0 and var rank ? rank : null;

    private static int? MajorOf(IReadOnlyList<string>? environment) => new ContainerConfig { Env = environment }.Variable("PG_MAJOR") is { } text
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : null;
}
