using System.Collections.Concurrent;
using System.Net.Sockets;
using DbSafety.Databases.Connections;

namespace DbSafety.Integration.Tests;

/// <summary>Stands between a client and a server's socket; what it passes on is decided by each of its kinds.</summary>
public abstract class SocketProxy : IDisposable
{
    protected const int BufferSize = 64 * 1024;

    private readonly TempFolder folder = new();
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentBag<Socket> sockets = [];
    private readonly string server;

    /// <param name="target">The real server, by the folder of its socket.</param>
    protected SocketProxy(DatabaseTarget target)
    {
        server = Path.Combine(target.Host, $".s.PGSQL.{target.Port}");
        Target = target with { Host = folder.Path };
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.Path, $".s.PGSQL.{target.Port}")));
        listener.Listen();
        _ = AcceptAsync();
    }

    /// <summary>The way through it.</summary>
    public DatabaseTarget Target { get; }

    /// <summary>Whether a connection has been cut.</summary>
    public bool HasCut { get; protected set; }

    /// <summary>After it, nobody gets through any more.</summary>
    public bool StaysCut { get; init; }

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
        foreach (var socket in sockets)
            socket.Dispose();
        stop.Dispose();
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Until one of the two is gone. Both are disposed at the end of the test at the latest.</summary>
    protected abstract Task PassAsync(Socket client, Socket up);

    protected void RefuseOthers()
    {
        if (StaysCut)
            listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptAsync(stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over, or nobody gets through any more.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var up = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        sockets.Add(client);
        sockets.Add(up);
        try
        {
            await up.ConnectAsync(new UnixDomainSocketEndPoint(server), stop.Token);
            await PassAsync(client, up);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of the two is gone.
            client.Dispose();
            up.Dispose();
        }
    }
}
