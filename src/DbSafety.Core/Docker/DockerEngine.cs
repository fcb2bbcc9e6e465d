using System.Formats.Tar;
using System.Net;
using System.Text;
using DbSafety.Errors;

namespace DbSafety.Docker;

/// <summary>Speaks to a Docker engine over its HTTP API, however it is reached.</summary>
public sealed class DockerEngine : IDockerEngine
{
    private const int SmallFile = 1024 * 1024;
    private readonly EngineHttp http;
    private readonly EngineExec exec;
    private readonly EngineContainers containers;
    private readonly EngineImages images;

    public DockerEngine(EngineAddress address)
    {
        Address = address;
        http = new EngineHttp(address);
        exec = new EngineExec(http, address);
        containers = new EngineContainers(http);
        images = new EngineImages(http);
    }

    public EngineAddress Address { get; }

    public Task<EngineVersion> VersionAsync(CancellationToken ct) => http.VersionAsync(ct);

    public async Task<IReadOnlyList<ContainerSummary>> ListContainersAsync(CancellationToken ct) =>
        await http.GetAsync("/containers/json?all=true", DockerJson.Default.ListContainerSummary, ct) ?? [];

    public Task<ContainerDetails?> InspectContainerAsync(string container, CancellationToken ct) =>
        http.GetAsync($"/containers/{Escape(container)}/json", DockerJson.Default.ContainerDetails, ct);

    public Task<string> CreateContainerAsync(ContainerRequest request, CancellationToken ct) => containers.CreateAsync(request, ct);

    public Task StartContainerAsync(string container, CancellationToken ct) => containers.StartAsync(container, ct);

    public Task StopContainerAsync(string container, TimeSpan patience, CancellationToken ct) => containers.StopAsync(container, patience, ct);

    public Task<int> WaitContainerAsync(string container, CancellationToken ct) => containers.WaitAsync(container, ct);

    public Task RemoveContainerAsync(string container, CancellationToken ct) => containers.RemoveAsync(container, ct);

    public Task<string> LogsAsync(string container, int lines, CancellationToken ct) => containers.LogsAsync(container, lines, ct);

    public async Task<IReadOnlyList<ImageSummary>> ListImagesAsync(CancellationToken ct) =>
        await http.GetAsync("/images/json", DockerJson.Default.ListImageSummary, ct) ?? [];

    public Task<ImageDetails?> InspectImageAsync(string image, CancellationToken ct) =>
        // Slashes are part of an image's name, and of the route.
        http.GetAsync($"/images/{Escape(image).Replace("%2F", "/", StringComparison.Ordinal)}/json", DockerJson.Default.ImageDetails, ct);

    public Task PullImageAsync(string image, Action<PullProgress> progress, CancellationToken ct) => images.PullAsync(image, progress, ct);

    public async Task<IReadOnlyList<VolumeDetails>> ListVolumesAsync(CancellationToken ct) =>
        (await http.GetAsync("/volumes", DockerJson.Default.VolumeList, ct))?.Volumes ?? [];

    public Task<VolumeDetails?> InspectVolumeAsync(string volume, CancellationToken ct) =>
        http.GetAsync($"/volumes/{Escape(volume)}", DockerJson.Default.VolumeDetails, ct);

    public async Task<IReadOnlyDictionary<string, long>> VolumeSizesAsync(CancellationToken ct)
    {
        using var answer = await http.SendAsync(HttpMethod.Get, "/system/df?type=volume", null, ct, Timeout.InfiniteTimeSpan);
        await http.EnsureAsync(answer, ct);
        var usage = await http.ReadJsonAsync(answer, DockerJson.Default.DiskUsage, ct);
        return (usage.Volumes ?? []).Where(v => v.UsageData is { Size: >= 0 }).ToDictionary(v => v.Name, v => v.UsageData!.Size, StringComparer.Ordinal);
    }

    public async Task CreateVolumeAsync(string volume, IReadOnlyDictionary<string, string> labels, CancellationToken ct)
    {
        using var answer = await http.SendAsync(HttpMethod.Post, "/volumes/create", EngineHttp.Json(new VolumeCreate(volume, labels), DockerJson.Default.VolumeCreate), ct);
        await http.EnsureAsync(answer, ct);
    }

    public async Task RemoveVolumeAsync(string volume, CancellationToken ct)
    {
        using var answer = await http.SendAsync(HttpMethod.Delete, $"/volumes/{Escape(volume)}", null, ct);
        if (answer.StatusCode != HttpStatusCode.NotFound)
            await http.EnsureAsync(answer, ct);
    }

    public async Task<byte[]?> ReadFileAsync(string container, string path, CancellationToken ct)
    {
        using var answer = await http.SendAsync(HttpMethod.Get, $"/containers/{Escape(container)}/archive?path={Escape(path)}", null, ct);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        await http.EnsureAsync(answer, ct);
        return await http.ReadAsync(async () =>
        {
            await using var body = await answer.Content.ReadAsStreamAsync(ct);
            await using var archive = new TarReader(body);
            var entry = await archive.GetNextEntryAsync(copyData: false, ct);
            if (entry?.DataStream is null || entry.Length > SmallFile)
                return null;
            var content = new byte[entry.Length];
            await entry.DataStream.ReadExactlyAsync(content, ct);
            return content;
        });
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

    public void Dispose() => http.Dispose();

    private static string Escape(string text) => Uri.EscapeDataString(text);
}
