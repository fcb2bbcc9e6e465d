using DbSafety.Databases.Connections;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Docker.Mounts;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Docker.Targets;

/// <summary>
/// A database in a running container, ready for connections: over a published port, the container's own address, or a tunnel through the engine.
/// Dispose it when the work is done; this closes the tunnel.
/// </summary>
public sealed class ContainerTarget : IAsyncDisposable
{
    private readonly IDockerEngine? engine;
    private ContainerTunnel? tunnel;

    private ContainerTarget(IDockerEngine? engine, DatabaseTarget target, ContainerTunnel? tunnel) => (this.engine, Target, this.tunnel) = (engine, target, tunnel);

    public DatabaseTarget Target { get; }

    /// <summary>True when the server has no reachable address and every connection goes through the engine.</summary>
    public bool IsTunnelled => tunnel is not null;

    /// <exception cref="DbSafetyException"><c>DBS501</c> to <c>DBS509</c>, <c>DBS512</c>, <c>DBS513</c>.</exception>
    public static async Task<ContainerTarget> OpenAsync(ContainerTargetRequest request, IOperationEvents events, CancellationToken ct)
    {
        var engine = new DockerEngine(request.Engine ?? EngineAddress.Resolve(request.DockerHost, request.DockerContext));
        try
        {
            var container = await ContainerFinder.FindDatabaseAsync(engine, request.Container, ct);
            return await OpenAsync(engine, container, request.Database, ownsEngine: true, events, ct);
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    internal static async Task<ContainerTarget> OpenAsync(
        IDockerEngine engine, ContainerDetails container, string? database, bool ownsEngine, IOperationEvents events, CancellationToken ct)
    {
        if (PgLayout.Of(container) is null)
            throw ErrorCatalogue.ContainerNotPostgres.For(container.ShortName, $"its image is {container.Config?.Image}, and neither PGDATA nor PG_MAJOR is set");
        if (!container.IsRunning)
            throw ErrorCatalogue.ContainerStopped.For(container.ShortName);
        var place = new ContainerPlace(engine, container.Id, container.ShortName);
        var login = await ContainerLogin.ReadAsync(place, container.Config ?? new ContainerConfig(), ct);
        if (await ContainerAddresses.FindAsync(container, engine.Address, ct) is var (host, port)
            && await MayLogInAsync(login.At(host, port, place, database), events, ct))
        {
            events.Verbose($"connecting to {container.ShortName} at {host}:{port}");
            return new ContainerTarget(ownsEngine ? engine : null, login.At(host, port, place, database), null);
        }

        var tunnel = await ContainerTunnel.OpenAsync(place, AppRoute.ServerPort(container), events, ct);
        events.Verbose($"connecting to {container.ShortName} through the engine: every connection is an exec in the container");
        return new ContainerTarget(ownsEngine ? engine : null, login.At(tunnel.Host, 5432, place, database) with { SslMode = "disable" }, tunnel);
    }

    public async ValueTask DisposeAsync()
    {
        if (tunnel is not null)
            await tunnel.DisposeAsync();
        tunnel = null;
        engine?.Dispose();
    }

    /// <summary>
    /// The environment's password is used only when the cluster is created: it differs if it was changed since, or if the volume is older. For local connections, official
    /// images require no password.
    /// </summary>
    private static async Task<bool> MayLogInAsync(DatabaseTarget target, IOperationEvents events, CancellationToken ct)
    {
        try
        {
            await using var connection = await target.OpenMaintenanceAsync(ct);
            return true;
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.LoginFailed)
        {
            events.Verbose($"the server rejected the password in the environment of {target.Container} ({e.Message}); connecting from inside the container");
            return false;
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.ConnectionLost || e.Definition == ErrorCatalogue.ServerUnreachable)
        {
            return false;
        }
    }
}
