using System.Formats.Tar;
using System.Net;
using System.Text;
using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Errors;
using Docker.DotNet.Models;

namespace DbSafety.Docker.Engine;

/// <summary>A client of a Docker engine's HTTP API, over any transport. Docker.DotNet makes the calls; DbSafety interprets responses and errors.</summary>
public sealed class DockerEngine : IDockerEngine
{
    private const int SmallFile = 1024 * 1024;
    private readonly EngineClient client;
    private readonly EngineExec exec;
    private readonly EngineContainers containers;
    private readonly EngineImages images;

    public DockerEngine(EngineAddress address)
    {
        Address = address;
        client = new EngineClient(address);
        exec = new EngineExec(client, address);
        containers = new EngineContainers(client);
        images = new EngineImages(client);
    }

    public EngineAddress Address { get; }

    public Task<EngineVersion> VersionAsync(CancellationToken ct) => client.VersionAsync(ct);

    public async Task<IReadOnlyList<ContainerSummary>> ListContainersAsync(CancellationToken ct) =>
        [.. (await client.CallAsync((engine, token) => engine.Containers.ListContainersAsync(new ContainersListParameters { All = true }, token), ct)).Select(EngineAnswers.Of)];

    public async Task<ContainerDetails?> InspectContainerAsync(string container, CancellationToken ct) =>
        await client.FindAsync(container, (engine, name, token) => engine.Containers.InspectContainerAsync(name, token), ct) is { } found ? EngineAnswers.Of(found) : null;

    public Task<string> CreateContainerAsync(ContainerRequest request, CancellationToken ct) => containers.CreateAsync(request, ct);

    public Task StartContainerAsync(string container, CancellationToken ct) => containers.StartAsync(container, ct);

    public Task StopContainerAsync(string container, TimeSpan waitLimit, CancellationToken ct) => containers.StopAsync(container, waitLimit, ct);

    public Task<int> WaitContainerAsync(string container, CancellationToken ct) => containers.WaitAsync(container, ct);

    public Task RemoveContainerAsync(string container, CancellationToken ct) => containers.RemoveAsync(container, ct);

    public Task<string> LogsAsync(string container, int lines, CancellationToken ct) => containers.LogsAsync(container, lines, ct);

    public async Task<IReadOnlyList<ImageSummary>> ListImagesAsync(CancellationToken ct) =>
        [.. (await client.CallAsync((engine, token) => engine.Images.ListImagesAsync(new ImagesListParameters(), token), ct)).Select(EngineAnswers.Of)];

    public async Task<ImageDetails?> InspectImageAsync(string image, CancellationToken ct) =>
        // Slashes are part of an image's name, and of the route.
        await client.FindAsync(image, (engine, name, token) => engine.Images.InspectImageAsync(name.Replace("%2F", "/", StringComparison.Ordinal), token), ct) is { } found
            ? EngineAnswers.Of(found)
            : null;

    public Task PullImageAsync(string image, Action<PullProgress> progress, CancellationToken ct) => images.PullAsync(image, progress, ct);

    public async Task<IReadOnlyList<VolumeDetails>> ListVolumesAsync(CancellationToken ct) =>
        [.. ((await client.CallAsync((engine, token) => engine.Volumes.ListAsync(token), ct)).Volumes ?? []).Select(EngineAnswers.Of)];

    public async Task<VolumeDetails?> InspectVolumeAsync(string volume, CancellationToken ct) =>
        await client.FindAsync(volume, (engine, name, token) => engine.Volumes.InspectAsync(name, token), ct) is { } found ? EngineAnswers.Of(found) : null;

    public async Task<IReadOnlyDictionary<string, long>> VolumeSizesAsync(CancellationToken ct) =>
        ((await client.GetAsync("/system/df?type=volume", DiskUsageJson.Default.DiskUsage, ct)).Volumes ?? [])
            .Where(v => v.UsageData is { Size: >= 0 }).ToDictionary(v => v.Name, v => v.UsageData!.Size, StringComparer.Ordinal);

    public Task CreateVolumeAsync(string volume, IReadOnlyDictionary<string, string> labels, CancellationToken ct)
    {
        var create = new VolumesCreateParameters { Name = volume, Labels = new Dictionary<string, string>(labels) };
        return client.CallAsync((engine, token) => engine.Volumes.CreateAsync(create, token), ct);
    }

    public async Task RemoveVolumeAsync(string volume, CancellationToken ct)
    {
        try
        {
            await client.CallAsync((engine, token) => engine.Volumes.RemoveAsync(EngineClient.Escape(volume), cancellationToken: token), ct);
        }
        catch (DbSafetyException e) when (EngineClient.Status(e) == HttpStatusCode.NotFound)
        {
            // It does not exist, as requested.
        }
    }

    public async Task<byte[]?> ReadFileAsync(string container, string path, CancellationToken ct)
    {
        var file = new ContainerPathStatParameters { Path = path };
        var found = await client.FindAsync(
            container,
            async (engine, name, token) =>
            {
                var answer = await engine.Containers.GetArchiveFromContainerAsync(name, file, statOnly: false, token);
                await using var body = answer.Stream!;
                return await ContentAsync(body, token);
            },
            ct);
        return found?.Bytes;
    }

    public async Task<ExecResult> ExecAsync(ExecRequest request, CancellationToken ct)
    {
        using var output = new MemoryStream();
        var result = await exec.RunAsync(request, (stream, token) => stream.CopyToAsync(output, token), null, ct);
        return result with { Output = Encoding.UTF8.GetString(output.ToArray()) };
    }

    public Task<ExecResult> ExecAsync(
        ExecRequest request, Func<Stream, CancellationToken, Task> readOutput, Func<Stream, CancellationToken, Task>? writeInput, CancellationToken ct) =>
        exec.RunAsync(request, readOutput, writeInput, ct);

    public IAsyncEnumerable<EngineEvent> EventsAsync(DateTimeOffset since, CancellationToken ct) => images.EventsAsync(since, ct);

    public void Dispose() => client.Dispose();

    private static async Task<Content> ContentAsync(Stream archived, CancellationToken ct)
    {
        await using var archive = new TarReader(archived);
        var entry = await archive.GetNextEntryAsync(copyData: false, ct);
        if (entry?.DataStream is null || entry.Length > SmallFile)
            return new Content(null);
        var bytes = new byte[entry.Length];
        await entry.DataStream.ReadExactlyAsync(bytes, ct);
        return new Content(bytes);
    }

    /// <summary>Of a file; null for a folder, or one that is not small.</summary>
    private sealed record Content(byte[]? Bytes);
}
