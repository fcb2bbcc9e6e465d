using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;

namespace DbSafety.Docker.Targets;

/// <summary>The addresses at which this machine can possibly reach a container's server.</summary>
internal static class ContainerAddresses
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(2);

    /// <summary>PostgreSQL's SSLRequest; every server answers it with one byte (https://www.postgresql.org/docs/current/protocol-message-formats.html).</summary>
    private static readonly byte[] SslRequest = [0, 0, 0, 8, 4, 210, 22, 47];

    /// <summary>The most likely addresses first: published ports, the host's network, the container's own address where this machine has its networks.</summary>
    public static IReadOnlyList<(string Host, int Port)> Of(ContainerDetails container, EngineAddress engine)
    {
        var inner = AppRoute.ServerPort(container);
        var found = new List<(string, int)>();
        foreach (var published in container.NetworkSettings?.Ports?.GetValueOrDefault($"{inner.ToString(CultureInfo.InvariantCulture)}/tcp") ?? [])
        {
            if (int.TryParse(published.Port, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && HostOf(published.HostIp, engine) is { } host)
                found.Add((host, port));
        }

        if (engine.IsLocal && container.HostConfig?.NetworkMode == "host")
            found.Add(("127.0.0.1", inner));
        // On other systems, this machine's engine runs in a virtual machine, whose networks are not reachable.
        if (engine.IsLocal && OperatingSystem.IsLinux())
            found.AddRange((container.NetworkSettings?.Networks?.Values ?? []).Where(n => n.IPAddress is { Length: > 0 }).Select(n => (n.IPAddress!, inner)));
        return [.. found.Distinct()];
    }

    /// <summary>The first at which a PostgreSQL server answers, or null. A port that Docker publishes accepts connections before its server does.</summary>
    public static async Task<(string Host, int Port)?> FindAsync(ContainerDetails container, EngineAddress engine, CancellationToken ct)
    {
        foreach (var (host, port) in Of(container, engine))
        {
            if (await AnswersAsync(host, port, ct))
                return (host, port);
        }

        return null;
    }

    private static string? HostOf(string? published, EngineAddress engine)
    {
        var everywhere = published is null or "" or "0.0.0.0" or "::";
        var loopback = IPAddress.TryParse(published, out var address) && IPAddress.IsLoopback(address);
        return engine.IsLocal ? (everywhere ? "127.0.0.1" : published) : everywhere ? engine.HostName : loopback ? null : published;
    }

    private static async Task<bool> AnswersAsync(string host, int port, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(WaitLimit);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(host, port, limit.Token);
            await client.GetStream().WriteAsync(SslRequest, limit.Token);
            var answer = new byte[1];
            return await client.GetStream().ReadAsync(answer, limit.Token) == 1 && answer[0] is (byte)'S' or (byte)'N';
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }
}
