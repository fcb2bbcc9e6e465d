using System.Collections.Concurrent;
using System.Net.Sockets;
using DbSafety.Databases;

namespace DbSafety.Integration.Tests;

/// <summary>
/// Stands between DbSafety and a server, and cuts a connection when a given message goes by: before the server gets it, or after the server has
/// answered and before the answer gets through.
/// </summary>
public sealed class CutProxy : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentBag<Socket> sockets = [];
    private readonly string server;
    private readonly byte[] message;
    private readonly int occurrence;
    private readonly bool afterAnswer;
    private readonly Action? whenCut;
    private int seen;

    /// <param name="target">The real server, by the folder of its socket.</param>
    /// <param name="message">What the message contains.</param>
    /// <param name="occurrence">Which such message, from 1.</param>
    /// <param name="afterAnswer">The server gets it, and answers.</param>
    /// <param name="whenCut">Called before the client sees that its connection is gone.</param>
    public CutProxy(DatabaseTarget target, string message, int occurrence, bool afterAnswer, Action? whenCut = null)
    {
        server = Path.Combine(target.Host, ".s.PGSQL." + target.Port);
        (this.message, this.occurrence, this.afterAnswer, this.whenCut) = (System.Text.Encoding.UTF8.GetBytes(message + "\0"), occurrence, afterAnswer, whenCut);
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.Path, ".s.PGSQL.5432")));
        listener.Listen();
        Target = target with { Host = folder.Path, Port = 5432 };
        _ = AcceptAsync();
    }

    public DatabaseTarget Target { get; }

    public bool HasCut { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        foreach (var socket in sockets)
            socket.Dispose();
        folder.Dispose();
        stop.Dispose();
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
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var upstream = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        sockets.Add(client);
        sockets.Add(upstream);
        try
        {
            await upstream.ConnectAsync(new UnixDomainSocketEndPoint(server), stop.Token);
            var muted = false;
            var back = PumpAsync(upstream, client, _ => !muted);
            await PumpAsync(client, upstream, bytes =>
            {
                if (bytes.IndexOf(message) < 0 || Interlocked.Increment(ref seen) != occurrence)
                    return true;
                muted = true;
                return afterAnswer;
            });
            await back;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either side is gone.
        }
        finally
        {
            client.Dispose();
            upstream.Dispose();
        }
    }

    /// <summary>Passes on what the filter lets through, and cuts where it does not.</summary>
    private async Task PumpAsync(Socket from, Socket to, Filter passes)
    {
        var buffer = new byte[65536];
        try
        {
            while (await from.ReceiveAsync(buffer, stop.Token) is > 0 and var read)
            {
                if (!passes(buffer.AsSpan(0, read)))
                {
                    HasCut = true;
                    whenCut?.Invoke();
                    return;
                }

                await to.SendAsync(buffer.AsMemory(0, read), stop.Token);
            }
        }
        finally
        {
            from.Dispose();
            to.Dispose();
        }
    }

    private delegate bool Filter(ReadOnlySpan<byte> bytes);
}
