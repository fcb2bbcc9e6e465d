using System.Net.Sockets;
using System.Text;
using DbSafety.Databases.Connections;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>Once armed, it passes the next COMMIT on, waits for the server's answer, and cuts the connection without passing the answer back.</summary>
public sealed class CutCommit(DatabaseTarget target) : SocketProxy(target)
{
    private volatile bool armed;

    public void Arm() => armed = true;

    protected override async Task PassAsync(Socket client, Socket up)
    {
        var cut = new TaskCompletionSource();
        await await Task.WhenAny(RequestsAsync(client, up, cut), AnswersAsync(up, client, cut));
        client.Dispose();
        up.Dispose();
    }

    private async Task RequestsAsync(Socket from, Socket to, TaskCompletionSource cut)
    {
        var buffer = new byte[BufferSize];
        while (await from.ReceiveAsync(buffer) is > 0 and var bytes)
        {
            if (armed && Encoding.UTF8.GetString(buffer, 0, bytes).Contains("COMMIT", StringComparison.Ordinal))
            {
                armed = false;
                RefuseOthers();
                cut.SetResult();
            }

            await to.SendAsync(buffer.AsMemory(0, bytes));
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private async Task AnswersAsync(Socket from, Socket to, TaskCompletionSource cut)
    {
        var buffer = new byte[BufferSize];
        while (await from.ReceiveAsync(buffer) is > 0 and var bytes)
        {
            if (cut.Task.IsCompleted)
            {
                HasCut = true;
                return;
            }

            await to.SendAsync(buffer.AsMemory(0, bytes));
        }
    }
}
