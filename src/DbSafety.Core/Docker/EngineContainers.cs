using System.Globalization;
using System.Net;
using System.Text;
using DbSafety.Errors;

namespace DbSafety.Docker;

/// <summary>The life of a container: made, started, waited for, stopped, removed.</summary>
internal sealed class EngineContainers(EngineHttp http)
{
    public async Task<string> CreateAsync(ContainerRequest request, CancellationToken ct)
    {
        var port = request.PublishOnLoopback is { } number ? $"{number.ToString(CultureInfo.InvariantCulture)}/tcp" : null;
        var create = new ContainerCreate(
            request.Image,
            request.Command,
            request.Entrypoint,
            [.. request.Environment.Select(e => $"{e.Key}={e.Value}")],
            request.User,
            request.Labels,
            port is null ? null : new Dictionary<string, EmptyObject> { [port] = new() },
            new HostCreate(
                request.Network,
                port is null ? null : new Dictionary<string, IReadOnlyList<PortCreate>> { [port] = [new PortCreate("127.0.0.1", "")] },
                [.. request.Mounts.Select(m => new MountCreate(m.Type, m.Source, m.Target, m.ReadOnly))],
                ReadonlyRootfs: false));
        using var answer = await http.SendAsync(HttpMethod.Post, "/containers/create", EngineHttp.Json(create, DockerJson.Default.ContainerCreate), ct);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            throw ErrorCatalogue.ImageUnavailable.For(request.Image, "this engine does not have it");
        await http.EnsureAsync(answer, ct);
        return (await http.ReadJsonAsync(answer, DockerJson.Default.CreatedContainer, ct)).Id;
    }

    public Task StartAsync(string container, CancellationToken ct) => PostAsync(container, "start", ct);

    public Task StopAsync(string container, TimeSpan patience, CancellationToken ct) =>
        PostAsync(container, $"stop?t={((int)patience.TotalSeconds).ToString(CultureInfo.InvariantCulture)}", ct, patience + TimeSpan.FromMinutes(1));

    /// <summary>A container that is not there any more is removed.</summary>
    public async Task RemoveAsync(string container, CancellationToken ct)
    {
        using var answer = await http.SendAsync(HttpMethod.Delete, $"/containers/{Uri.EscapeDataString(container)}?force=true&v=true", null, ct);
        // 409: someone else is removing it at this moment.
        if (answer.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.Conflict))
            await http.EnsureAsync(answer, ct);
    }

    public async Task<int> WaitAsync(string container, CancellationToken ct)
    {
        using var answer = await http.SendAsync(HttpMethod.Post, $"/containers/{Uri.EscapeDataString(container)}/wait", null, ct, Timeout.InfiniteTimeSpan);
        await EnsureThereAsync(answer, container, ct);
        return (await http.ReadJsonAsync(answer, DockerJson.Default.WaitedContainer, ct)).StatusCode;
    }

    public async Task<string> LogsAsync(string container, int lines, CancellationToken ct)
    {
        var path = $"/containers/{Uri.EscapeDataString(container)}/logs?stdout=true&stderr=true&tail={lines.ToString(CultureInfo.InvariantCulture)}";
        using var answer = await http.SendAsync(HttpMethod.Get, path, null, ct);
        await EnsureThereAsync(answer, container, ct);
        using var text = new MemoryStream();
        return await http.ReadAsync(async () =>
        {
            await using var body = await answer.Content.ReadAsStreamAsync(ct);
            await MultiplexedStream.CopyAsync(body, text, text, ct);
            return Encoding.UTF8.GetString(text.ToArray());
        });
    }

    private async Task PostAsync(string container, string action, CancellationToken ct, TimeSpan? patience = null)
    {
        using var answer = await http.SendAsync(HttpMethod.Post, $"/containers/{Uri.EscapeDataString(container)}/{action}", null, ct, patience);
        // 304: it is so already.
        if (answer.StatusCode != HttpStatusCode.NotModified)
            await EnsureThereAsync(answer, container, ct);
    }

    private async Task EnsureThereAsync(HttpResponseMessage answer, string container, CancellationToken ct)
    {
        if (answer.StatusCode == HttpStatusCode.NotFound)
            throw ErrorCatalogue.ContainerUnknown.For(container, "It was removed a moment ago.");
        await http.EnsureAsync(answer, ct);
    }
}
