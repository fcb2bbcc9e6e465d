using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DbSafety.Docker.Engine.Models;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Errors;
using Docker.DotNet;
using Docker.DotNet.Models;
using Version = System.Version;

namespace DbSafety.Docker.Engine;

/// <summary>
/// Docker.DotNet over DbSafety's connections: negotiates an API version first, sets a timeout for each call, and converts every failure into an error of
/// the catalogue.
/// </summary>
internal sealed class EngineClient : IDisposable
{
    /// <summary>Engine 20.10.</summary>
    internal static readonly Version Oldest = new(1, 41);

    /// <summary>Engine 28.3; nothing that is used here changed up to it (https://docs.docker.com/reference/api/engine/version-history/).</summary>
    internal static readonly Version Newest = new(1, 51);

    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(1);

    private readonly EngineAddress address;
    private readonly SocketsHttpHandler handler;
    private readonly HttpClient plain;
    private readonly DockerClient unversioned;
    private readonly SemaphoreSlim agreeing = new(1, 1);
    private DockerClient? versioned;
    private EngineVersion? agreed;

    public EngineClient(EngineAddress address)
    {
        this.address = address;
        handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, ct) => EngineConnection.OpenAsync(address, ct),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        plain = new HttpClient(handler, disposeHandler: false) { BaseAddress = EngineHandlers.Endpoint, Timeout = Timeout.InfiniteTimeSpan };
        unversioned = EngineHandlers.Client(handler, null);
    }

    /// <summary>The status of the response that caused an error; null when there was no response.</summary>
    public static HttpStatusCode? Status(DbSafetyException error) => (error.InnerException as DockerApiException)?.StatusCode;

    /// <summary>The older of the engine's newest version and DbSafety's; <c>GET /version</c> itself needs none.</summary>
    public async Task<EngineVersion> VersionAsync(CancellationToken ct)
    {
        if (agreed is not null)
            return agreed;
        await agreeing.WaitAsync(ct);
        try
        {
            if (agreed is not null)
                return agreed;
            var version = Agree(address, await GuardAsync(unversioned.System.GetVersionAsync, WaitLimit, ct));
            versioned = EngineHandlers.Client(handler, version.Agreed);
            return agreed = version;
        }
        finally
        {
            agreeing.Release();
        }
    }

    /// <exception cref="DbSafetyException"><c>DBS503</c>, <c>DBS507</c>, <c>DBS509</c>.</exception>
    internal static EngineVersion Agree(EngineAddress address, VersionResponse answer)
    {
        if (!Version.TryParse(answer.APIVersion, out var newest))
            throw ErrorCatalogue.EngineFailed.For(address.Text, "it does not report its API version; it is possibly not a Docker engine");
        if (newest < Oldest)
            throw ErrorCatalogue.EngineTooOld.For(address.Text, newest);
        if (!Version.TryParse(answer.MinAPIVersion, out var oldest))
            oldest = Oldest;
        if (oldest > Newest)
            throw ErrorCatalogue.EngineTooNew.For(address.Text, oldest, Newest);
        return new EngineVersion(answer.Version ?? "", newest, oldest, newest < Newest ? newest : Newest, answer.Os ?? "");
    }

    /// <param name="waitLimit">How long the call may take; null: a minute. Waiting for a container has no limit.</param>
    public async Task<T> CallAsync<T>(Func<DockerClient, CancellationToken, Task<T>> call, CancellationToken ct, TimeSpan? waitLimit = null)
    {
        await VersionAsync(ct);
        return await GuardAsync(token => call(versioned!, token), waitLimit ?? WaitLimit, ct);
    }

    /// <inheritdoc cref="CallAsync{T}"/>
    public Task CallAsync(Func<DockerClient, CancellationToken, Task> call, CancellationToken ct, TimeSpan? waitLimit = null) =>
        CallAsync(
            async (client, token) =>
            {
                await call(client, token);
                return true;
            },
            ct,
            waitLimit);

    /// <summary>What <paramref name="name"/> names, or null for 404.</summary>
    public async Task<T?> FindAsync<T>(string name, Func<DockerClient, string, CancellationToken, Task<T>> call, CancellationToken ct)
        where T : class
    {
        if (name.Length == 0)
            return null;
        try
        {
            return await CallAsync((client, token) => call(client, Escape(name), token), ct);
        }
        catch (DbSafetyException e) when (Status(e) == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>A call whose response format the library does not know.</summary>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        var version = await VersionAsync(ct);
        return await GuardAsync(
            async token =>
            {
                using var answer = await plain.GetAsync(new Uri($"v{version.Agreed}{path}", UriKind.Relative), token);
                var text = await answer.Content.ReadAsStringAsync(token);
                return answer.IsSuccessStatusCode ? JsonSerializer.Deserialize(text, type)! : throw new DockerApiException(answer.StatusCode, text);
            },
            Timeout.InfiniteTimeSpan,
            ct);
    }

    /// <summary>Runs a call to the engine. Every exception is treated as the engine's, so nothing else must be run by it.</summary>
    /// <exception cref="DbSafetyException"><c>DBS501</c>, <c>DBS502</c>, <c>DBS507</c>.</exception>
    public async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan waitLimit, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(waitLimit);
        try
        {
            return await call(limit.Token) ?? throw new JsonException("it is null");
        }
        catch (Exception e)
        {
            ct.ThrowIfCancellationRequested();
            throw limit.IsCancellationRequested
                ? ErrorCatalogue.EngineUnreachable.Because(e, address.Text, $"it did not answer within {waitLimit.TotalSeconds:0} s")
                : Explained(e);
        }
    }

    /// <summary>A name as a part of a path, escaped so that it cannot refer to another path.</summary>
    public static string Escape(string name) => Uri.EscapeDataString(name);

    public void Dispose()
    {
        plain.Dispose();
        versioned?.Dispose();
        unversioned.Dispose();
        handler.Dispose();
        agreeing.Dispose();
    }

    private DbSafetyException Explained(Exception e) => e switch
    {
        DbSafetyException own => own,
        // The connection's error is already an error of the catalogue.
        HttpRequestException { InnerException: DbSafetyException own } => own,
        DockerApiException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } => ErrorCatalogue.EngineForbidden.Because(e, address.Text),
        DockerApiException answer => ErrorCatalogue.EngineFailed.Because(e, address.Text, Words(answer.ResponseBody) ?? $"status {(int)answer.StatusCode}"),
        HttpRequestException { InnerException: HttpIOException cut } => BrokeOff(e, cut.Message),
        HttpRequestException => ErrorCatalogue.EngineUnreachable.Because(e, address.Text, e.InnerException?.Message ?? e.Message),
        IOException or InvalidDataException or ObjectDisposedException => BrokeOff(e, e.Message),
        _ => ErrorCatalogue.EngineFailed.Because(e, address.Text, $"its answer cannot be read: {e.Message}"),
    };

    private DbSafetyException BrokeOff(Exception e, string message) => ErrorCatalogue.EngineUnreachable.Because(e, address.Text, $"its response ended unexpectedly ({message})");

    /// <summary>The engine's message for a status of 400 and above.</summary>
    private static string? Words(string? text)
    {
        try
        {
            using var answer = JsonDocument.Parse(text ?? "");
            return answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("message", out var message) ? message.ToString() : null;
        }
        catch (JsonException)
        {
            return text?.Trim() is { Length: > 0 } plain ? plain[..Math.Min(plain.Length, 500)] : null;
        }
    }
}
