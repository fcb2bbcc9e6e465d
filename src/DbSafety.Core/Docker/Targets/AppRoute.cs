using System.Globalization;
using System.Net;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Targets;

/// <summary>Resolves a host and a port, as seen from the engine's machine and from its networks.</summary>
/// <param name="Here">True for this container; null when it cannot be determined.</param>
/// <param name="Why">The reason, as the rest of a sentence.</param>
internal sealed record AppRoute(bool? Here, string Why)
{
    public static AppRoute Of(ContainerDetails container, EngineAddress engine, IReadOnlyList<ContainerSummary> containers, string host, int port)
    {
        var own = ServerPort(container);
        if (host.StartsWith('/'))
            return new AppRoute(false, "a socket of the host");
        if (NamesOf(container).Contains(host, StringComparer.OrdinalIgnoreCase))
            return port == own
                ? new AppRoute(true, "this container's name in its network")
                : new AppRoute(false, $"whose port inside the network is {own}");
        if (Published(container).Any(p => p.HostIp == host && p.Port == Text(port)))
            return new AppRoute(true, "which this container publishes");
        if (IsEngineHost(engine, host))
            return OnHost(container, containers, host, port, own);
        if (containers.FirstOrDefault(c => c.Id != container.Id && (c.Name == host || c.Label(ComposeLabels.Service) == host)) is { } other)
            return new AppRoute(false, $"which is the container {other.Name}");
        return Published(container).Any(p => p.Port == Text(port) && IsEverywhere(p.HostIp))
            ? new AppRoute(null, "which may be a name of the engine's machine")
            : new AppRoute(false, "which is neither a name nor a published address of this container");
    }

    /// <summary>The port the server listens on inside the container.</summary>
    public static int ServerPort(ContainerDetails container) =>
        int.TryParse(container.Config?.Variable("PGPORT"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 5432;

    /// <summary>The addresses it is published on; for a stopped container, the requested addresses.</summary>
    public static IReadOnlyList<HostPort> Published(ContainerDetails container)
    {
        var key = $"{ServerPort(container)}/tcp";
        return container.NetworkSettings?.Ports?.GetValueOrDefault(key) ?? container.HostConfig?.PortBindings?.GetValueOrDefault(key) ?? [];
    }

    private static AppRoute OnHost(ContainerDetails container, IReadOnlyList<ContainerSummary> containers, string host, int port, int own)
    {
        if (container.HostConfig?.NetworkMode == "host")
            return new AppRoute(port == own, port == own ? "the host's network, which this container uses" : $"and this container uses port {own} of the host");
        if (Published(container).Any(p => p.Port == Text(port) && Reaches(host, p.HostIp)))
            return new AppRoute(true, "which this container publishes");
        var other = containers.FirstOrDefault(c => c.Id != container.Id && c.Ports?.Any(p => p.PublicPort == port) == true);
        return new AppRoute(false, other is null ? "which no container of this engine publishes" : $"which the container {other.Name} publishes");
    }

    private static IEnumerable<string> NamesOf(ContainerDetails container) =>
        new[] { container.ShortName, container.Id[..Math.Min(12, container.Id.Length)], container.Label(ComposeLabels.Service) }
            .Concat((container.NetworkSettings?.Networks?.Values ?? []).SelectMany(n => (n.Aliases ?? []).Append(n.IPAddress)))
            .OfType<string>()
            .Where(n => n.Length > 0);

    private static bool IsEngineHost(EngineAddress engine, string host) =>
        engine.IsLocal
            ? IsLoopback(host) || host is "0.0.0.0" or "host.docker.internal" || host.Equals(Dns.GetHostName(), StringComparison.OrdinalIgnoreCase)
            : host.Equals(engine.Path, StringComparison.OrdinalIgnoreCase);

    private static bool Reaches(string host, string? published) =>
        IsEverywhere(published) || host == published || (published is not null && IsLoopback(published) && IsLoopback(host));

    private static bool IsEverywhere(string? address) => address is null or "" or "0.0.0.0" or "::";

    private static bool IsLoopback(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
