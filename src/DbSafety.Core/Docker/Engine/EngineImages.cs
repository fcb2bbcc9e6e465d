using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DbSafety.Docker.Engine.Models;
using DbSafety.Errors;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace DbSafety.Docker.Engine;

/// <summary>Responses that arrive line by line while an operation runs: pulls and events.</summary>
internal sealed class EngineImages(EngineClient client)
{
    /// <summary>The timeout for a registry that sends nothing.</summary>
    private static readonly TimeSpan PullWaitLimit = TimeSpan.FromMinutes(2);

    public async Task PullAsync(string image, Action<PullProgress> progress, CancellationToken ct)
    {
        var reference = ImageReference.Parse(image);
        var tag = reference.Digest ?? reference.Tag ?? "latest";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(PullWaitLimit);
        try
        {
            var create = new ImagesCreateParameters { FromImage = reference.Repository, Tag = tag };
            await foreach (var message in LinesAsync<JSONMessage>((engine, lines, token) => engine.Images.CreateImageAsync(create, null, lines, token), limit.Token))
            {
                var line = EngineAnswers.Of(message);
                if (line.Error is not null)
                    throw ErrorCatalogue.ImageUnavailable.For(image, line.Error);
                limit.CancelAfter(PullWaitLimit);
                progress(line);
            }
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineFailed)
        {
            throw ErrorCatalogue.ImageUnavailable.Because(e, image, e.Message);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw ErrorCatalogue.ImageUnavailable.Because(e, image, $"the registry did not respond for {PullWaitLimit.TotalMinutes:0} minutes");
        }
    }

    public IAsyncEnumerable<EngineEvent> EventsAsync(DateTimeOffset since, CancellationToken ct)
    {
        var events = new ContainerEventsParameters { Since = since.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) };
        return LinesAsync<Message>((engine, lines, token) => engine.System.MonitorEventsAsync(events, lines, token), ct).Select(EngineAnswers.Of);
    }

    private async IAsyncEnumerable<T> LinesAsync<T>(Func<DockerClient, IProgress<T>, CancellationToken, Task> call, [EnumeratorCancellation] CancellationToken ct)
    {
        var lines = Channel.CreateUnbounded<T>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var reading = ReadAsync();
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(ct))
                yield return line;
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }

        async Task ReadAsync()
        {
            try
            {
                await client.CallAsync((engine, token) => call(engine, new Lines<T>(lines.Writer), token), stop.Token, Timeout.InfiniteTimeSpan);
                lines.Writer.Complete();
            }
            catch (Exception e)
            {
                lines.Writer.Complete(e);
            }
        }
    }

    /// <summary>Unlike <see cref="Progress{T}"/>, in the order in which they came.</summary>
    private sealed class Lines<T>(ChannelWriter<T> target) : IProgress<T>
    {
        public void Report(T value) => target.TryWrite(value);
    }
}
