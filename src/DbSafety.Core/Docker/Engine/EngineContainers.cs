using System.Globalization;
using System.Net;
using System.Text;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Errors;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace DbSafety.Docker.Engine;

/// <summary>The life cycle of a container: create, start, wait, stop, remove.</summary>
internal sealed class EngineContainers(EngineClient client)
{
    public async Task<string> CreateAsync(ContainerRequest request, CancellationToken ct)
    {
        var create = Parameters(request);
        try
        {
            return (await client.CallAsync((engine, token) => engine.Containers.CreateContainerAsync(create, token), ct)).ID;
        }
        catch (DbSafetyException e) when (EngineClient.Status(e) == HttpStatusCode.NotFound)
        {
            throw ErrorCatalogue.ImageUnavailable.For(request.Image, "this engine does not have it");
        }
    }

    public Task StartAsync(string container, CancellationToken ct) =>
        ThereAsync(container, (engine, name, token) => engine.Containers.StartContainerAsync(name, null, token), ct);

    public Task StopAsync(string container, TimeSpan waitLimit, CancellationToken ct)
    {
        // The library omits a 0, and the engine then waits for ten seconds.
        var stop = new ContainerStopParameters { WaitBeforeKillSeconds = Math.Max(1, (uint)waitLimit.TotalSeconds) };
        return ThereAsync(container, (engine, name, token) => engine.Containers.StopContainerAsync(name, stop, token), ct, waitLimit + TimeSpan.FromMinutes(1));
    }

    /// <summary>A container that no longer exists counts as removed.</summary>
    public async Task RemoveAsync(string container, CancellationToken ct)
    {
        var remove = new ContainerRemoveParameters { Force = true, RemoveVolumes = true };
        try
        {
            await client.CallAsync((engine, token) => engine.Containers.RemoveContainerAsync(EngineClient.Escape(container), remove, token), ct);
        }
        catch (DbSafetyException e) when (EngineClient.Status(e) is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // 409: another client is removing it.
        }
    }

    public async Task<int> WaitAsync(string container, CancellationToken ct) => unchecked((int)
        (await ThereAsync(container, (engine, name, token) => engine.Containers.WaitContainerAsync(name, token), ct, Timeout.InfiniteTimeSpan)).StatusCode);

    public Task<string> LogsAsync(string container, int lines, CancellationToken ct)
    {
        var logs = new ContainerLogsParameters { ShowStdout = true, ShowStderr = true, Tail = lines.ToString(CultureInfo.InvariantCulture) };
        return ThereAsync(
            container,
            async (engine, name, token) =>
            {
                using var text = new MemoryStream();
                using var streams = await engine.Containers.GetContainerLogsAsync(name, logs, token);
                await streams.CopyOutputToAsync(text, text, text, token);
                return Encoding.UTF8.GetString(text.ToArray());
            },
            ct);
    }

    private static CreateContainerParameters Parameters(ContainerRequest request)
    {
        var create = new CreateContainerParameters
        {
            Image = request.Image,
            Cmd = request.Command?.ToList()!,
            Entrypoint = request.Entrypoint?.ToList()!,
            Env = [.. request.Environment.Select(e => $"{e.Key}={e.Value}")],
            User = request.User ?? "",
            Labels = new Dictionary<string, string>(request.Labels),
            HostConfig = new HostConfig
            {
                NetworkMode = request.Network ?? "",
                Mounts = [.. request.Mounts.Select(m => new Mount { Type = m.Type, Source = m.Source, Target = m.Target, ReadOnly = m.ReadOnly })],
            },
        };
        if (request.PublishOnLoopback is { } number)
        {
            var port = $"{number.ToString(CultureInfo.InvariantCulture)}/tcp";
            create.ExposedPorts = new Dictionary<string, EmptyStruct> { [port] = default };
            create.HostConfig.PortBindings = new Dictionary<string, IList<PortBinding>> { [port] = [new PortBinding { HostIP = "127.0.0.1" }] };
        }

        return create;
    }

    private async Task<T> ThereAsync<T>(string container, Func<DockerClient, string, CancellationToken, Task<T>> call, CancellationToken ct, TimeSpan? waitLimit = null)
    {
        try
        {
            return await client.CallAsync((engine, token) => call(engine, EngineClient.Escape(container), token), ct, waitLimit);
        }
        catch (DbSafetyException e) when (EngineClient.Status(e) == HttpStatusCode.NotFound)
        {
            throw ErrorCatalogue.ContainerUnknown.For(container, "It has just been removed.");
        }
    }
}
