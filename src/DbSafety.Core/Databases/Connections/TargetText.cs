using DbSafety.Errors;

namespace DbSafety.Databases.Connections;

/// <summary>
/// A target as text for hints, without its password. It has the complete address: a copied command must use neither another server nor a
/// less secure connection.
/// </summary>
internal static class TargetText
{
    /// <summary><see cref="DatabaseTargets.Parse"/> reads it back.</summary>
    public static string Url(DatabaseTarget target)
    {
        var servers = target.Servers?.Servers ?? [target];
        var addresses = servers.Select(s => s.HostAddress == s.Host ? null : s.HostAddress).ToList();
        var security = target.Security;
        // With Prisma's sslaccept, sslcert is the file of certificate authorities.
        var hasClientFiles = security.PrismaAccept is null;
        (string Name, string? Value)[] settings =
        [
            ("hostaddr", addresses.All(a => a is null) ? null : string.Join(',', addresses)), ("target_session_attrs", target.Servers?.Attributes),
            ("sslmode", target.SslMode), ("sslrootcert", target.SslRootCertificate), ("sslcert", hasClientFiles ? security.Certificate : null), ("sslkey", hasClientFiles ? security.Key : null),
            ("sslnegotiation", security.Negotiation), ("ssl_min_protocol_version", security.MinProtocol), ("ssl_max_protocol_version", security.MaxProtocol),
            ("channel_binding", security.ChannelBinding), ("require_auth", security.RequireAuth), ("gssencmode", security.GssEncryption), ("sslaccept", security.PrismaAccept),
            ("options", target.Options), ("schema", target.Schema), ("pgbouncer", target.IsPooler ? "true" : null),
        ];
        var query = string.Join('&', settings.Where(s => s.Value is not null).Select(s => $"{s.Name}={Uri.EscapeDataString(s.Value!)}"));
        var places = string.Join(',', servers.Select(s => $"{Host(s.Host)}:{s.Port}"));
        return $"postgres://{Uri.EscapeDataString(target.Username)}@{places}/{Uri.EscapeDataString(target.Database)}{(query.Length > 0 ? "?" + query : "")}";
    }

    /// <summary>The options that name the target. The address of a server in a container can later belong to another one, so the container is used.</summary>
    public static Advice Options(DatabaseTarget target) => target.Container is { } container
        ? Advice.Of($"--container \"{container}\" --database \"{target.Database}\" {(target.Place?.EngineText is { } engine ? Advice.Of($"--docker-host \"{engine}\"") : null)}")
        : Advice.Of($"--database-url \"{Url(target)}\"");

    private static string Host(string host)
    {
        var text = Uri.EscapeDataString(host);
        return host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('/') ? $"[{text.Replace("%3A", ":", StringComparison.Ordinal)}]" : text;
    }
}
