using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Transport;

namespace DbSafety.Core.Tests.Docker;

/// <summary>A listener that answers every request with the bytes it was given for its path, then closes the connection.</summary>
internal sealed class EngineOfWords : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Dictionary<string, Func<NetworkStream, Task>> answers = [];
    private readonly Task serving;

    public EngineOfWords()
    {
        listener.Start();
        Answer("/version", Json("200 OK", """{"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12","Os":"linux"}"""));
        Answer("/exec", Json("201 Created", """{"Id":"e1"}"""));
        Answer("/exec/e1/json", Json("200 OK", """{"Running":false,"ExitCode":0}"""));
        serving = ServeAsync();
    }

    public DockerEngine Client() => new(EngineAddress.Parse($"tcp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", null));

    public static byte[] Json(string status, string body) =>
        Encoding.UTF8.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture)}\r\n\r\n{body}");

    /// <param name="step">How many bytes are sent at a time.</param>
    public void Answer(string path, byte[] bytes, int step = int.MaxValue) => Answer(path, async stream =>
    {
        for (var at = 0; at < bytes.Length; at += Math.Min(step, bytes.Length - at))
            await stream.WriteAsync(bytes.AsMemory(at, Math.Min(step, bytes.Length - at)));
    });

    public void Answer(string path, Func<NetworkStream, Task> answer) => answers[path] = answer;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await serving;
        listener.Dispose();
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var all = new List<Task>();
        try
        {
            while (true)
                all.Add(ServeAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(all);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        client.NoDelay = true;
        var stream = client.GetStream();
        var head = "";
        var one = new byte[1];
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
                return;
            head += (char)one[0];
        }

        var length = head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        await stream.ReadExactlyAsync(new byte[length is null ? 0 : int.Parse(length["Content-Length:".Length..], CultureInfo.InvariantCulture)]);
        var path = head.Split(' ', '?')[1];
        try
        {
            await answers.OrderByDescending(a => a.Key.Length).First(a => path.EndsWith(a.Key, StringComparison.Ordinal)).Value(stream);
        }
        catch (IOException)
        {
            // The client had enough.
        }
    }
}
