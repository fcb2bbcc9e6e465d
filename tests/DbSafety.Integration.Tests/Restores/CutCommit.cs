using System.Net.Sockets;
using System.Text;
using DbSafety.Databases;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>
/// Stands between a client and a server's socket. Once armed, it passes the next COMMIT on, waits for the server's answer, and cuts the connection
/// without passing the answer back.
/// </summary>
public sealed class CutCommit : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource stop = new();
    private readonly string server;
    private volatile bool armed;

    public CutCommit(DatabaseTarget target)
    {
        server = Path.Combine(target.Host, $".s.PGSQL.{target.Port}");
        Target = target with { Host = folder.Path };
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.Path, $".s.PGSQL.{target.Port}")));
        listener.Listen();
        _ = AcceptAsync();
    }

    /// <summary>The way through it.</summary>
    public DatabaseTarget Target { get; }

    /// <summary>Whether a COMMIT has been cut.</summary>
    public bool HasCut { get; private set; }

    /// <summary>After it, nobody gets through any more.</summary>
    public bool StaysCut { get; init; }

    public void Arm() => armed = true;

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
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
            // The test is over.
        }
    }

    private async Task PassAsync(Socket client)
    {
        using var up = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await up.ConnectAsync(new UnixDomainSocketEndPoint(server));
            var cut = new TaskCompletionSource();
            var answers = AnswersAsync(up, client, cut);
            await Task.WhenAny(RequestsAsync(client, up, cut), answers);
        }
        catch (SocketException)
        {
            // One of the two is gone.
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task RequestsAsync(Socket from, Socket to, TaskCompletionSource cut)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReceiveAsync(buffer) is > 0 and var bytes)
        {
            if (armed && Encoding.UTF8.GetString(buffer, 0, bytes).Contains("COMMIT", StringComparison.Ordinal))
            {
                armed = false;
                if (StaysCut)
                    listener.Dispose();
                cut.SetResult();
            }

            await to.SendAsync(buffer.AsMemory(0, bytes));
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private async Task AnswersAsync(Socket from, Socket to, TaskCompletionSource cut)
    {
        var buffer = new byte[64 * 1024];
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
