using System.Net.Sockets;
using System.Text;
using DbSafety.Databases.Connections;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>
/// Once armed, it loses the connection of the next message with a given text as a NAT does that forgets it: the message does not get through, the client's
/// side is closed, and the server's side stays open until the test is over.
/// </summary>
public sealed class HalfOpen(DatabaseTarget target) : SocketProxy(target)
{
    private volatile string? message;

    /// <summary>The client is not told either: nothing gets through.</summary>
    public bool IsSilent { get; init; }

    public void Arm(string text) => message = text;

    protected override async Task PassAsync(Socket client, Socket up)
    {
        var answers = PumpAsync(up, client, null);
        if (await PumpAsync(client, up, () => message))
        {
            message = null;
            HasCut = true;
            RefuseOthers();
            if (!IsSilent)
                client.Dispose();
            return;
        }

        up.Shutdown(SocketShutdown.Send);
        await answers;
        client.Dispose();
        up.Dispose();
    }

    /// <returns>Whether the text went by, and was not passed on.</returns>
    private static async Task<bool> PumpAsync(Socket from, Socket to, Func<string?>? until)
    {
        var buffer = new byte[BufferSize];
        while (await from.ReceiveAsync(buffer) is > 0 and var bytes)
        {
            if (until?.Invoke() is { } text && Encoding.UTF8.GetString(buffer, 0, bytes).Contains(text, StringComparison.Ordinal))
                return true;
            await to.SendAsync(buffer.AsMemory(0, bytes));
        }

        return false;
    }
}
