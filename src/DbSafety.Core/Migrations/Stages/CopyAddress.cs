using System.Globalization;
using System.Text.RegularExpressions;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>Rewrites a variable with production's address to the copy's address. This avoids errors; only the isolation prevents access to production.</summary>
internal sealed partial class CopyAddress(DatabaseTarget production, DatabaseTarget copy)
{
    /// <summary>Precedes the settings that name a socket: a driver that does not read them must not connect to another server.</summary>
    private const string NoServer = "127.0.0.1:1";

    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "::1"];

    /// <returns>Null if it is not production's address.</returns>
    public string? Of(string name, string value) => Url(value) ?? Pairs(value) ?? Part(name, value);

    /// <summary>URLs in the forms of JDBC, SQLAlchemy, Django and other libraries.</summary>
    private string? Url(string value)
    {
        if (UrlPattern().Match(value) is not { Success: true } url)
            return null;
        var settings = url.Groups["query"].Value.Split('&', StringSplitOptions.RemoveEmptyEntries).Where(IsKept).ToList();
        var (user, password) = (Uri.EscapeDataString(copy.Username), copy.Password is { Length: > 0 } secret ? Uri.EscapeDataString(secret) : null);
        var isJava = url.Groups["java"].Success;
        // If the driver requires a password, any value works for a server that does not ask for one.
        if (isJava)
            settings.AddRange([$"user={user}", $"password={password ?? "none"}"]);
        var isSocket = copy.Host.StartsWith('/');
        if (isSocket)
            settings.AddRange([$"host={Uri.EscapeDataString(copy.Host)}", $"port={copy.Port}"]);
        var host = copy.Host.Contains(':', StringComparison.Ordinal) ? $"[{copy.Host}]" : copy.Host;
        var place = isSocket ? NoServer : $"{host}:{copy.Port}";
        var login = isJava ? "" : password is null ? $"{user}@" : $"{user}:{password}@";
        return $"{url.Groups["scheme"].Value}://{login}{place}/{Uri.EscapeDataString(copy.Database)}{(settings.Count > 0 ? "?" + string.Join('&', settings) : "")}";
    }

    /// <summary>The copy has no TLS, so settings that disable TLS are correct for it too.</summary>
    private static bool IsKept(string setting) => NoTlsPattern().IsMatch(setting) || !PlacePattern().IsMatch(setting);

    /// <summary>A connection string in Npgsql's form or in libpq's.</summary>
    private string? Pairs(string value)
    {
        if (!value.Contains('=', StringComparison.Ordinal))
            return null;
        try
        {
            if (PostgresKeywords.IsOne(value))
                return DatabaseTargets.Parse(value) is var keywords && IsProduction(keywords.Host) && keywords.Database == production.Database ? Keywords() : null;
            var builder = new NpgsqlConnectionStringBuilder(value);
            if (builder is not { Host: { } host, Database: { } database } || !IsProduction(host) || database != production.Database)
                return null;
            (builder.Host, builder.Port, builder.Username, builder.Password, builder.Database, builder.SslMode) = (copy.Host, copy.Port, copy.Username, copy.Password, copy.Database, SslMode.Prefer);
            return builder.ConnectionString;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or DbSafetyException)
        {
            return null;
        }
    }

    private string Keywords()
    {
        (string Key, string? Value)[] pairs = [("host", copy.Host), ("port", copy.Port.ToString(CultureInfo.InvariantCulture)), ("user", copy.Username), ("password", copy.Password), ("dbname", copy.Database)];
        return string.Join(' ', pairs.Where(p => p.Value is not null).Select(p => $"{p.Key}='{p.Value!.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'"));
    }

    /// <summary>Host, port, database or password alone, in a variable whose name says so and whose value is production's.</summary>
    private string? Part(string name, string value)
    {
        if (!DatabasePattern().IsMatch(name) || value.Length == 0)
            return null;
        if (HostPattern().IsMatch(name))
        {
            return IsProduction(value) ? copy.Host
                : value.LastIndexOf(':') is > 0 and var colon && IsProduction(value[..colon]) && value[(colon + 1)..] == Port(production) ? $"{copy.Host}:{copy.Port}" : null;
        }

        if (PortPattern().IsMatch(name))
            return value == Port(production) ? Port(copy) : null;
        if (PasswordPattern().IsMatch(name))
            return value == production.Password ? copy.Password ?? value : null;
        return NamePattern().IsMatch(name) && value == production.Database ? copy.Database : null;
    }

    private static string Port(DatabaseTarget target) => target.Port.ToString(CultureInfo.InvariantCulture);

    private bool IsProduction(string host) =>
        host.Equals(production.Host, StringComparison.OrdinalIgnoreCase) || host == production.HostAddress || (Loopback.Contains(host, StringComparer.OrdinalIgnoreCase) && (production.Host.StartsWith('/') || Loopback.Contains(production.Host, StringComparer.OrdinalIgnoreCase)));

    [GeneratedRegex(@"^(?<scheme>(?:(?<java>jdbc|r2dbc):)?(?:postgres|postgresql|postgis|pgsql|ecto)(?:\+\w+)?)://(?:.*@)?[^/?@]*(?:/[^?]*)?(?:\?(?<query>.*))?$", RegexOptions.IgnoreCase)]
    private static partial Regex UrlPattern();

    [GeneratedRegex("^(?:sslmode=disable|ssl=(?:false|0))$", RegexOptions.IgnoreCase)]
    private static partial Regex NoTlsPattern();

    [GeneratedRegex("^(?:host|hostaddr|port|user|password|ssl[a-z]*)=", RegexOptions.IgnoreCase)]
    private static partial Regex PlacePattern();

    [GeneratedRegex("^PG|DB|DATABASE|POSTGRES|SQL|JDBC|DATASOURCE", RegexOptions.IgnoreCase)]
    private static partial Regex DatabasePattern();

    [GeneratedRegex("HOST|SERVER|ADDR|ENDPOINT", RegexOptions.IgnoreCase)]
    private static partial Regex HostPattern();

    [GeneratedRegex("PORT$", RegexOptions.IgnoreCase)]
    private static partial Regex PortPattern();

    [GeneratedRegex("PASS|PWD|SECRET", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordPattern();

    [GeneratedRegex("(?:NAME|DATABASE|DB)$", RegexOptions.IgnoreCase)]
    private static partial Regex NamePattern();
}
