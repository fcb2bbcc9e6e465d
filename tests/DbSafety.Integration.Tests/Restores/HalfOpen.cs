using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using DbSafety.Databases;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>
/// Stands between a client and a server's socket. Once armed, it loses the connection of the next message with a given text as a NAT does that forgets it: the
/// message does not get through, the client's side is closed, and the server's side stays open until the test is over.
/// </summary>
public sealed class HalfOpen : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentBag<Socket> sockets = [];
    private readonly string server;
    private volatile string? message;

    public HalfOpen(DatabaseTarget target)
    {
        server = Path.Combine(target.Host, $".s.PGSQL.{target.Port}");
        Target = target with { Host = folder.Path };
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.Path, $".s.PGSQL.{target.Port}")));
        listener.Listen();
        _ = AcceptAsync();
    }

    /// <summary>The way through it.</summary>
    public DatabaseTarget Target { get; }

    public bool HasCut { get; private set; }

    /// <summary>After it, nobody gets through any more.</summary>
    public bool StaysCut { get; init; }

    /// <summary>The client is not told either: nothing gets through.</summary>
    public bool IsSilent { get; init; }

    public void Arm(string text) => message = text;

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
        foreach (var socket in sockets)
            socket.Dispose();
        stop.Dispose();
        folder.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = PassAsync(await listener.AcceptAsync(stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over, or nobody gets through any more.
        }
    }

    private async Task PassAsync(Socket client)
    {
        var up = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        sockets.Add(client);
        sockets.Add(up);
        try
        {
            await up.ConnectAsync(new UnixDomainSocketEndPoint(server));
            var answers = PumpAsync(up, client, null);
            if (await PumpAsync(client, up, () => message))
            {
                message = null;
                HasCut = true;
                if (StaysCut)
                    listener.Dispose();
                if (!IsSilent)
                    client.Dispose();
                return;
            }

            up.Shutdown(SocketShutdown.Send);
            await answers;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One of the two is gone.
        }

        client.Dispose();
        up.Dispose();
    }

    /// <returns>Whether the text went by, and was not passed on.</returns>
    private static async Task<bool> PumpAsync(Socket from, Socket to, Func<string?>? until)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReceiveAsync(buffer) is > 0 and var bytes)
        {
            if (until?.Invoke() is { } text && Encoding.UTF8.GetString(buffer, 0, bytes).Contains(text, StringComparison.Ordinal))
                return true;
            await to.SendAsync(buffer.AsMemory(0, bytes));
        }

        return false;
    }
}
