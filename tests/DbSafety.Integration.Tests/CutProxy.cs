using System.Net.Sockets;
using System.Text;
using DbSafety.Databases.Connections;

namespace DbSafety.Integration.Tests;

/// <summary>Cuts a connection when a given message goes by: before the server gets it, or after the server has answered and before the answer gets through.</summary>
/// <param name="message">The whole message.</param>
/// <param name="occurrence">Which such message, from 1.</param>
/// <param name="afterAnswer">The server gets it, and answers.</param>
/// <param name="whenCut">Called before the client sees that its connection is gone.</param>
public sealed class CutProxy(DatabaseTarget target, string message, int occurrence, bool afterAnswer, Action? whenCut = null) : SocketProxy(target)
{
    private readonly byte[] message = Encoding.UTF8.GetBytes(message + "\0");
    private int seen;

    private delegate bool Filter(ReadOnlySpan<byte> bytes);

    protected override async Task PassAsync(Socket client, Socket up)
    {
        var muted = false;
        var back = PumpAsync(up, client, _ => !muted);
        await PumpAsync(client, up, bytes =>
        {
            if (bytes.IndexOf(message) < 0 || Interlocked.Increment(ref seen) != occurrence)
                return true;
            muted = true;
            return afterAnswer;
        });
        await back;
    }

    /// <summary>Passes on what the filter lets through, and cuts where it does not.</summary>
    private async Task PumpAsync(Socket from, Socket to, Filter passes)
    {
        var buffer = new byte[BufferSize];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var read)
            {
                if (!passes(buffer.AsSpan(0, read)))
                {
                    HasCut = true;
                    whenCut?.Invoke();
                    return;
                }

                await to.SendAsync(buffer.AsMemory(0, read));
            }
        }
        finally
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
