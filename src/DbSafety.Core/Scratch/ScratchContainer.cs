using System.Diagnostics;
using System.Security.Cryptography;
using DbSafety.Databases.Connections;
using DbSafety.Docker;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Docker.Targets;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Scratch;

/// <summary>
/// A temporary PostgreSQL server in a container, for machines without server binaries and for rehearsals on production's own image. Its port is published on the
/// loopback address alone, with a random password; if the port is unreachable (engine on another machine, or without networks), it is reached through
/// the engine. It is removed with its anonymous volumes when disposed; if its owner was killed, the next start removes it.
/// </summary>
public sealed class ScratchContainer : IScratchPostgres
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Exiting = TimeSpan.FromSeconds(15);

    private readonly IDockerEngine engine;
    private readonly string container;
    private readonly string image;
    private ContainerTarget? way;

    private ScratchContainer(IDockerEngine engine, string container, string image, int major) => (this.engine, this.container, this.image, Major) = (engine, container, image, major);

    public DatabaseTarget Target => way?.Target ?? throw new InvalidOperationException("the server has not been started");

    public int Major { get; }

    /// <summary>On other systems, not every client can use the Unix socket of the connection through the engine.</summary>
    internal static bool CanBeSealed => !OperatingSystem.IsWindows();

    /// <inheritdoc/>
    public string? NotIsolatedBecause { get; private set; }

    public string Description => $"a temporary container of {image}";

    /// <exception cref="DbSafetyException"><c>DBS501</c> to <c>DBS509</c> no engine; <c>DBS511</c> no image; <c>DBS116</c> it did not start.</exception>
    public static async Task<ScratchContainer> StartAsync(ScratchContainerRequest request, IOperationEvents events, CancellationToken ct)
    {
        var engine = new DockerEngine(request.Engine ?? EngineAddress.Resolve(null));
        ScratchContainer? made = null;
        try
        {
            await ScratchLabels.RemoveAbandonedAsync(engine, events, ct);
            var (image, major) = request.Image is { } given
                ? (given, await ScratchImage.MajorAsync(engine, given, ct) ?? request.Major ?? throw ErrorCatalogue.ImageUnavailable.For(given, "it does not exist on this engine, or it is not a PostgreSQL image"))
                : await ScratchImage.FindAsync(engine, request.Major, events, ct);
            // Not cancellable: a container that is created during cancellation must be known, so that it can be removed.
            made = new ScratchContainer(engine, await engine.CreateContainerAsync(Container(request, image), CancellationToken.None), request.ImageName ?? image, major) { NotIsolatedBecause = request.IsSealed ? null : "its container has a network" };
            await engine.StartContainerAsync(made.container, ct);
            await made.ReadyAsync(events, ct);
            return made;
        }
        catch
        {
            if (made is not null)
                await made.DisposeAsync();
            engine.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (way is not null)
            await way.DisposeAsync();
        way = null;
        using var limit = new CancellationTokenSource(WaitLimit);
        try
        {
            await engine.RemoveContainerAsync(container, limit.Token);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineUnreachable)
        {
            // The engine is unavailable; the next temporary server removes the container when it is available again.
        }

        engine.Dispose();
    }

    private static ContainerRequest Container(ScratchContainerRequest request, string image)
    {
        string[] quick = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_wal_size=4GB", "shared_buffers=128MB"];
        // Only users of the engine can read it, and they have full access to the container anyway.
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["POSTGRES_PASSWORD"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)),
            ["POSTGRES_HOST_AUTH_METHOD"] = "scram-sha-256",
            ["POSTGRES_USER"] = request.Username,
            ["POSTGRES_DB"] = "postgres",
        };
        if (request.DataDirectory is not null)
            environment["PGDATA"] = request.DataDirectory;
        return new ContainerRequest(image)
        {
            Command = ["postgres", .. quick.Concat(request.Settings).SelectMany(s => (string[])["-c", s])],
            Environment = environment,
            Labels = ScratchLabels.Own(),
            PublishOnLoopback = request.IsSealed ? null : 5432,
            Network = request.IsSealed ? "none" : null,
            Mounts = request.Mounts,
        };
    }

    /// <summary>Waits until it accepts connections from outside: during initialization it accepts only connections inside the container.</summary>
    private async Task ReadyAsync(IOperationEvents events, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(WaitLimit);
        var last = "it did not respond";
        var unreachable = new Stopwatch();
        try
        {
            while (true)
            {
                var details = await engine.InspectContainerAsync(container, limit.Token);
                if (details is not { IsRunning: true })
                    throw ErrorCatalogue.ScratchUnavailable.For("this command", Major, $"the container of {image} exited: {await LastWordsAsync(limit.Token)}");
                try
                {
                    way = await ContainerTarget.OpenAsync(engine, details, "postgres", ownsEngine: false, OperationEvents.None, limit.Token);
                    await using var probe = await way.Target.OpenMaintenanceAsync(limit.Token);
                    events.Verbose($"started {Description}, reached {(way.IsTunnelled ? "through the engine" : "at " + way.Target.Server)}");
                    return;
                }
                catch (DbSafetyException e)
                {
                    // A container that is exiting cannot be reached either: when it has exited, the check above reads the reason.
                    unreachable.Start();
                    if (unreachable.Elapsed > Exiting && (way is null || e.Definition.Kind != ErrorKind.Missing) && await engine.InspectContainerAsync(container, limit.Token) is { IsRunning: true })
                        throw;
                    last = e.Message;
                    if (way is not null)
                        await way.DisposeAsync();
                    way = null;
                    await Task.Delay(100, limit.Token);
                }
            }
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw ErrorCatalogue.ScratchUnavailable.Because(e, "this command", Major, $"the container of {image} was not ready within {WaitLimit.TotalSeconds:0} s: {last}");
        }
    }

    private async Task<string> LastWordsAsync(CancellationToken ct)
    {
        var lines = (await engine.LogsAsync(container, 20, ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.LastOrDefault(l => l.Contains("FATAL", StringComparison.Ordinal) || l.Contains("rror", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "its log is empty";
    }
}
