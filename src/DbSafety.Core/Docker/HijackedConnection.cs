using System.Globalization;
using System.Text;
using DbSafety.Errors;

namespace DbSafety.Docker;

/// <summary>
/// A connection that the engine takes out of HTTP, so that bytes flow both ways for as long as a program runs
/// (https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach, "Hijacking").
/// </summary>
internal static class HijackedConnection
{
    private const int HeaderLimit = 16 * 1024;

    /// <summary>Posts a JSON body and gives the bare connection back, or the status and text of a refusal.</summary>
    /// <exception cref="DbSafetyException"><c>DBS501</c>, <c>DBS502</c>.</exception>
    public static async Task<(Stream? Connection, int Status, string Text)> OpenAsync(EngineAddress address, string path, string json, CancellationToken ct)
    {
        var connection = await EngineConnection.OpenBlockingAsync(address, ct);
        // Whoever stops waiting ends the connection, and with it the wait in its socket.
        await using var breaker = ct.Register(connection.Dispose);
        try
        {
            var body = Encoding.UTF8.GetBytes(json);
            var head = $"POST {path} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: {body.Length}\r\n\r\n";
            var answer = await Task.Run(() => Ask(connection, [.. Encoding.ASCII.GetBytes(head), .. body]), CancellationToken.None);
            var status = int.TryParse(answer.Split(' ').ElementAtOrDefault(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
            if (status is 101 or 200)
                return (connection, status, "");
            var text = await Task.Run(() => ReadBody(connection, answer), CancellationToken.None);
            await connection.DisposeAsync();
            return (null, status, text);
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            ct.ThrowIfCancellationRequested();
            if (e is IOException)
                throw ErrorCatalogue.EngineUnreachable.Because(e, address.Text, $"its answer broke off ({e.Message})");
            throw;
        }
    }

    private static string Ask(Stream connection, ReadOnlySpan<byte> question)
    {
        connection.Write(question);
        connection.Flush();
        return ReadHead(connection);
    }

    /// <summary>Byte by byte: what follows the empty line is no longer ours to read.</summary>
    private static string ReadHead(Stream connection)
    {
        var head = new List<byte>(256);
        var one = new byte[1];
        while (head.Count < HeaderLimit && !(head.Count > 3 && head[^1] == '\n' && head[^3] == '\n'))
        {
            if (connection.Read(one) == 0)
                throw new EndOfStreamException("it ends inside the answer's head");
            head.Add(one[0]);
        }

        return Encoding.ASCII.GetString([.. head]);
    }

    private static string ReadBody(Stream connection, string head)
    {
        var line = head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        if (line is null || !int.TryParse(line["Content-Length:".Length..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            return "";
        var body = new byte[Math.Min(length, HeaderLimit)];
        var read = connection.ReadAtLeast(body, body.Length, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(body, 0, read);
    }
}
