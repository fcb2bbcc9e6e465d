using System.Net;
using System.Net.Sockets;

namespace DbSafety.Tools.Isolation;

/// <summary>Forwards each connection at one address to another address, byte by byte, until it is disposed.</summary>
internal sealed class SocketForwarder : IDisposable
{
    private readonly Socket listener;
    private readonly EndPoint destination;
    private int connections;

    public SocketForwarder(EndPoint source, EndPoint destination)
    {
        this.destination = destination;
        listener = New(source);
        listener.Bind(source);
        listener.Listen();
        _ = AcceptAsync();
    }

    /// <summary>The number of connections forwarded so far.</summary>
    public int Connections => Volatile.Read(ref connections);

    public void Dispose() => listener.Dispose();

    private static Socket New(EndPoint place) => place is UnixDomainSocketEndPoint
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : place is DnsEndPoint ? new Socket(SocketType.Stream, ProtocolType.Tcp) : new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ForwardAsync(await listener.AcceptAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was disposed.
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        try
        {
            using (client)
            {
                using var server = New(destination);
                await server.ConnectAsync(destination);
                Interlocked.Increment(ref connections);
                await Task.WhenAll(PumpAsync(client, server), PumpAsync(server, client));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Both ends see a closed connection.
        }
    }

    private static async Task PumpAsync(Socket source, Socket destination)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await source.ReceiveAsync(buffer) is > 0 and var read)
            {
                for (var sent = 0; sent < read;)
                    sent += await destination.SendAsync(buffer.AsMemory(sent, read - sent));
            }

            destination.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other direction must not wait for a closed end.
            source.Dispose();
            destination.Dispose();
        }
    }
}
