using System.Formats.Tar;
using System.Net;
using System.Text;
using DbSafety.Errors;

namespace DbSafety.Docker;

/// <summary>Speaks to a Docker engine over its HTTP API: Unix socket, Windows named pipe or plain TCP.</summary>
public sealed class DockerEngine : IDockerEngine
{
    private const int SmallFile = 1024 * 1024;
    private static readonly TimeSpan ExitCodePatience = TimeSpan.FromSeconds(10);
    private readonly EngineHttp http;

    public DockerEngine(EngineAddress address)
    {
        Address = address;
        http = new EngineHttp(address);
    }

    public EngineAddress Address { get; }

    public Task<EngineVersion> VersionAsync(CancellationToken ct) => http.VersionAsync(ct);

    public async Task<IReadOnlyList<ContainerSummary>> ListContainersAsync(CancellationToken ct) =>
        await http.GetAsync("/containers/json?all=true", DockerJson.Default.ListContainerSummary, ct) ?? [];

    public Task<ContainerDetails?> InspectContainerAsync(string container, CancellationToken ct) =>
        http.GetAsync($"/containers/{Escape(container)}/json", DockerJson.Default.ContainerDetails, ct);

    public Task<ImageDetails?> InspectImageAsync(string image, CancellationToken ct) =>
        // Slashes are part of an image's name, and of the route.
        http.GetAsync($"/images/{Escape(image).Replace("%2F", "/", StringComparison.Ordinal)}/json", DockerJson.Default.ImageDetails, ct);

    public async Task<IReadOnlyList<VolumeDetails>> ListVolumesAsync(CancellationToken ct) =>
        (await http.GetAsync("/volumes", DockerJson.Default.VolumeList, ct))?.Volumes ?? [];

    public Task<VolumeDetails?> InspectVolumeAsync(string volume, CancellationToken ct) =>
        http.GetAsync($"/volumes/{Escape(volume)}", DockerJson.Default.VolumeDetails, ct);

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
        var create = new ExecCreate(request.Command, [.. request.Environment.Select(e => $"{e.Key}={e.Value}")], request.User);
        using var createAnswer = await http.SendAsync(
            HttpMethod.Post, $"/containers/{Escape(request.Container)}/exec", EngineHttp.Json(create, DockerJson.Default.ExecCreate), ct);
        // 409: the container is stopped or paused (API 1.41, ContainerExec).
        if (createAnswer.StatusCode == HttpStatusCode.Conflict)
            throw ErrorCatalogue.ContainerStopped.For(request.Container);
        await http.EnsureAsync(createAnswer, ct);
        var exec = await http.ReadJsonAsync(createAnswer, DockerJson.Default.CreatedExec, ct);

        using var started = await http.SendAsync(HttpMethod.Post, $"/exec/{exec.Id}/start", EngineHttp.Json(new ExecStart(), DockerJson.Default.ExecStart), ct);
        if (started.StatusCode == HttpStatusCode.Conflict)
            throw ErrorCatalogue.ContainerStopped.For(request.Container);
        await http.EnsureAsync(started, ct);
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        await http.ReadAsync(async () =>
        {
            await using var body = await started.Content.ReadAsStreamAsync(ct);
            await MultiplexedStream.CopyAsync(body, output, error, ct);
            return true;
        });
        return new ExecResult(await ExitCodeAsync(exec.Id, ct), Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    public void Dispose() => http.Dispose();

    /// <summary>The engine closes the stream a moment before it has written the exit code down, so it is asked until it has.</summary>
    private async Task<int> ExitCodeAsync(string exec, CancellationToken ct)
    {
        var until = DateTime.UtcNow + ExitCodePatience;
        do
        {
            var state = await http.GetAsync($"/exec/{exec}/json", DockerJson.Default.ExecState, ct);
            if (state is { Running: false, ExitCode: { } code })
                return code;
            await Task.Delay(20, ct);
        }
        while (DateTime.UtcNow < until);
        throw ErrorCatalogue.EngineFailed.For(Address.Text, "it does not say how a program in a container ended");
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);
}
