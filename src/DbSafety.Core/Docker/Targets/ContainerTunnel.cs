using System.Globalization;
using System.Net.Sockets;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Docker.Targets;

/// <summary>
/// The connection to a database that only its container's network can reach: a socket in a folder that only this user can access, each of whose connections is
/// relayed by an exec in the container. No port is opened: official images trust local connections, so only this user
/// must be able to use the socket.
/// </summary>
internal sealed class ContainerTunnel : IAsyncDisposable
{
    private const int Port = 5432;
    private readonly DirectoryInfo folder;
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource stop = new();
    private readonly ContainerPlace place;
    private readonly ContainerRelay relay;
    private readonly IOperationEvents events;
    private readonly Task accepting;
    private readonly Lock gate = new();
    private readonly HashSet<Task> open = [];

    private ContainerTunnel(ContainerPlace place, ContainerRelay relay, IOperationEvents events)
    {
        (this.place, this.relay, this.events) = (place, relay, events);
        // The system creates it for this user only (0700). The name is short, because a socket's path is limited to 107 bytes.
        folder = Directory.CreateTempSubdirectory("dbsafety-");
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, string.Create(CultureInfo.InvariantCulture, $".s.PGSQL.{Port}"))));
        listener.Listen();
        accepting = AcceptAsync();
    }

    /// <summary>The socket's folder, as libpq and Npgsql take it for a host.</summary>
    public string Host => folder.FullName;

    /// <exception cref="DbSafetyException"><c>DBS513</c>.</exception>
    public static async Task<ContainerTunnel> OpenAsync(ContainerPlace place, int port, IOperationEvents events, CancellationToken ct) =>
        new(place, await ContainerRelay.FindAsync(place, port, ct), events);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting;
        Task[] left;
        lock (gate)
            left = [.. open];
        await Task.WhenAll(left);
        stop.Dispose();
        folder.Delete(recursive: true);
    }

    private async Task AcceptAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptAsync(stop.Token);
                var carrying = CarryAsync(client);
                lock (gate)
                {
                    open.RemoveWhere(t => t.IsCompleted);
                    open.Add(carrying);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(Socket socket)
    {
        await using var client = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await place.Engine.ExecAsync(
                new ExecRequest(place.Id, relay.Command) { EndsWithItsInput = true },
                (output, ct) => output.CopyToAsync(client, ct),
                (input, ct) => client.CopyToAsync(input, ct),
                stop.Token);
        }
        catch (Exception e) when (e is DbSafetyException or IOException or OperationCanceledException)
        {
            // The client's connection closes, and the client reports the error.
            events.Debug($"a connection to {place} ended: {e.Message}");
        }
    }
}
