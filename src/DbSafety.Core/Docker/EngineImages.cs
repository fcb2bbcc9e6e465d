using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DbSafety.Docker.Volumes;
using DbSafety.Errors;

namespace DbSafety.Docker;

/// <summary>Answers that come line by line for as long as something goes on: pulls and events.</summary>
internal sealed class EngineImages(EngineHttp http)
{
    /// <summary>A registry that says nothing for this long is not going to.</summary>
    private static readonly TimeSpan PullPatience = TimeSpan.FromMinutes(2);

    public async Task PullAsync(string image, Action<PullProgress> progress, CancellationToken ct)
    {
        var reference = ImageReference.Parse(image);
        var tag = reference.Digest ?? reference.Tag ?? "latest";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(PullPatience);
        try
        {
            var path = $"/images/create?fromImage={Uri.EscapeDataString(reference.Repository)}&tag={Uri.EscapeDataString(tag)}";
            await foreach (var line in LinesAsync(HttpMethod.Post, path, DockerJson.Default.PullProgress, limit.Token))
            {
                if (line.Error is not null)
                    throw ErrorCatalogue.ImageUnavailable.For(image, line.Error);
                limit.CancelAfter(PullPatience);
                progress(line);
            }
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineFailed)
        {
            throw ErrorCatalogue.ImageUnavailable.Because(e, image, e.Message);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw ErrorCatalogue.ImageUnavailable.Because(e, image, $"the registry said nothing for {PullPatience.TotalMinutes:0} minutes");
        }
    }

    public IAsyncEnumerable<EngineEvent> EventsAsync(DateTimeOffset since, CancellationToken ct) =>
        LinesAsync(HttpMethod.Get, $"/events?since={since.ToUnixTimeSeconds()}", DockerJson.Default.EngineEvent, ct);

    private async IAsyncEnumerable<T> LinesAsync<T>(HttpMethod method, string path, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken ct)
        where T : class
    {
        using var answer = await http.SendAsync(method, path, null, ct);
        await http.EnsureAsync(answer, ct);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(ct));
        while (await http.ReadAsync(async () => await reader.ReadLineAsync(ct)) is { } line)
        {
            if (line.Length > 0 && JsonSerializer.Deserialize(line, type) is { } item)
                yield return item;
        }
    }
}
