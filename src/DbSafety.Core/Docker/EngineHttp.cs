using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DbSafety.Errors;

namespace DbSafety.Docker;

/// <summary>HTTP with an engine: agrees on an API version first, and turns every failure into an error of the catalogue.</summary>
internal sealed class EngineHttp : IDisposable
{
    /// <summary>Engine 20.10.</summary>
    internal static readonly Version Oldest = new(1, 41);

    /// <summary>Engine 28.3; nothing that is used here changed up to it (https://docs.docker.com/reference/api/engine/version-history/).</summary>
    internal static readonly Version Newest = new(1, 51);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly EngineAddress address;
    private readonly HttpClient client;
    private readonly SemaphoreSlim agreeing = new(1, 1);
    private EngineVersion? agreed;

    public EngineHttp(EngineAddress address)
    {
        this.address = address;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, ct) => EngineConnection.OpenAsync(address, ct),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        // Some calls run as long as what they start: only the caller ends them.
        client = new HttpClient(handler) { BaseAddress = new Uri("http://docker/"), Timeout = Timeout.InfiniteTimeSpan };
    }

    public static HttpContent Json<T>(T value, JsonTypeInfo<T> type) => new StringContent(JsonSerializer.Serialize(value, type), Encoding.UTF8, "application/json");

    /// <summary>The older of the engine's newest version and ours; <c>GET /version</c> itself needs none.</summary>
    public async Task<EngineVersion> VersionAsync(CancellationToken ct)
    {
        if (agreed is not null)
            return agreed;
        await agreeing.WaitAsync(ct);
        try
        {
            if (agreed is not null)
                return agreed;
            using var answer = await SendRawAsync(HttpMethod.Get, "/version", null, ct);
            await EnsureAsync(answer, ct);
            return agreed = Agree(address, await ReadJsonAsync(answer, DockerJson.Default.VersionAnswer, ct));
        }
        finally
        {
            agreeing.Release();
        }
    }

    /// <exception cref="DbSafetyException"><c>DBS503</c>, <c>DBS507</c>, <c>DBS509</c>.</exception>
    internal static EngineVersion Agree(EngineAddress address, VersionAnswer answer)
    {
        if (!Version.TryParse(answer.ApiVersion, out var newest))
            throw ErrorCatalogue.EngineFailed.For(address.Text, "it does not say which API it speaks; it may not be a Docker engine");
        if (newest < Oldest)
            throw ErrorCatalogue.EngineTooOld.For(address.Text, newest);
        if (!Version.TryParse(answer.MinApiVersion, out var oldest))
            oldest = Oldest;
        if (oldest > Newest)
            throw ErrorCatalogue.EngineTooNew.For(address.Text, oldest, Newest);
        return new EngineVersion(answer.Version ?? "", newest, oldest, newest < Newest ? newest : Newest, answer.Os ?? "");
    }

    /// <summary>A JSON answer, or null for 404.</summary>
    public async Task<T?> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null, ct);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        await EnsureAsync(answer, ct);
        return await ReadJsonAsync(answer, type, ct);
    }

    /// <param name="patience">How long the beginning of the answer may take; null: a minute. Waiting for a container has no limit.</param>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken ct, TimeSpan? patience = null) =>
        await SendRawAsync(method, $"/v{(await VersionAsync(ct)).Agreed}{path}", content, ct, patience);

    /// <summary>Throws what a status of 400 or more means, in the engine's words.</summary>
    public async Task EnsureAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        if (answer.IsSuccessStatusCode)
            return;
        if (answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
            throw ErrorCatalogue.EngineForbidden.For(address.Text);
        throw Failed((int)answer.StatusCode, await ReadAsync(() => answer.Content.ReadAsStringAsync(ct)));
    }

    /// <summary>The engine's own words for a status of 400 or more.</summary>
    public DbSafetyException Failed(int status, string text) => ErrorCatalogue.EngineFailed.For(address.Text, Message(text) ?? $"status {status}");

    public async Task<T> ReadJsonAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        var text = await ReadAsync(() => answer.Content.ReadAsByteArrayAsync(ct));
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw ErrorCatalogue.EngineFailed.Because(e, address.Text, $"its answer to {answer.RequestMessage?.RequestUri?.AbsolutePath} cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads a body; an engine that goes away in the middle is named.</summary>
    public async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            throw ErrorCatalogue.EngineUnreachable.Because(e, address.Text, $"its answer broke off ({e.Message})");
        }
    }

    public void Dispose()
    {
        client.Dispose();
        agreeing.Dispose();
    }

    private async Task<HttpResponseMessage> SendRawAsync(HttpMethod method, string path, HttpContent? content, CancellationToken ct, TimeSpan? patience = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience ?? Patience);
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw ErrorCatalogue.EngineUnreachable.Because(e, address.Text, $"it did not answer within {(patience ?? Patience).TotalSeconds:0} s");
        }
        catch (HttpRequestException e)
        {
            // What the connection had to say is already in the catalogue's words.
            throw e.InnerException as DbSafetyException ?? ErrorCatalogue.EngineUnreachable.Because(e, address.Text, e.InnerException?.Message ?? e.Message);
        }
    }

    private static string? Message(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, DockerJson.Default.EngineMessage)?.Message;
        }
        catch (JsonException)
        {
            return text.Trim() is { Length: > 0 } plain ? plain[..Math.Min(plain.Length, 500)] : null;
        }
    }
}
