using DbSafety.Docker.Targets;
using Npgsql;

namespace DbSafety.Databases;

/// <summary>
/// Which database, and how to reach it. Made by <see cref="DatabaseTargets"/> from a URL, a connection string, an env file
/// or libpq's environment. Its text form never holds the password.
/// </summary>
public sealed record DatabaseTarget
{
    /// <summary>A host name, an address, or the folder of a Unix socket (it then begins with <c>/</c>).</summary>
    public required string Host { get; init; }

    public int Port { get; init; } = 5432;

    public required string Username { get; init; }

    public string? Password { get; init; }

    public required string Database { get; init; }

    /// <summary>libpq's words: disable, allow, prefer, require, verify-ca, verify-full. Null: the client's default.</summary>
    public string? SslMode { get; init; }

    /// <summary>A PEM file with the authorities to trust.</summary>
    public string? SslRootCertificate { get; init; }

    /// <summary>Prisma's <c>?schema=</c>, where the URL had one.</summary>
    public string? Schema { get; init; }

    /// <summary>libpq's <c>options</c>, such as <c>-c search_path=app</c>.</summary>
    public string? Options { get; init; }

    /// <summary>The URL says that it leads to a transaction pooler (Prisma's <c>?pgbouncer=true</c>).</summary>
    internal bool IsPooler { get; init; }

    /// <summary>The env file that names this target, or null.</summary>
    internal string? EnvFile { get; init; }

    /// <summary>A Docker container this target was found in, or null.</summary>
    public string? Container { get; init; }

    /// <summary>The Docker volume whose copy this target's server runs on, or null.</summary>
    public string? Volume { get; init; }

    /// <summary>The inside of that container, where PostgreSQL's programs can be run too; null where it was not looked at.</summary>
    internal ContainerPlace? Place { get; init; }

    /// <summary>The database that this server is maintained from, once one was found; null: look for one.</summary>
    internal string? Maintenance { get; init; }

    /// <summary>Our sessions use the role that logs in although ALTER ROLE … SET role names another one: the programs do too.</summary>
    internal bool UsesLoginRole { get; init; }

    /// <summary><c>host:port</c>, for messages.</summary>
    public string Server => Host.StartsWith('/') ? $"{Host} (port {Port})" : $"{Host}:{Port}";

    public DatabaseTarget On(string database) => this with { Database = database };

    /// <summary>The connection string for Npgsql, password included: never print it.</summary>
    internal string ConnectionString(string? applicationName)
    {
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = Host,
            Port = Port,
            Username = Username,
            Password = Password,
            Database = Database,
            ApplicationName = applicationName,
            Pooling = false,
            Timeout = 10,
            CommandTimeout = 0,
            KeepAlive = 30,
            // While a statement runs only the operating system can find out that the other side is gone; libpq does the same by default. In seconds.
            TcpKeepAlive = !Host.StartsWith('/'),
            TcpKeepAliveTime = Host.StartsWith('/') ? 0 : 30,
            TcpKeepAliveInterval = Host.StartsWith('/') ? 0 : 10,
            IncludeErrorDetail = true,
            Options = Options,
            SslMode = SslMode?.ToLowerInvariant() switch
            {
                "disable" => Npgsql.SslMode.Disable,
                "allow" => Npgsql.SslMode.Allow,
                "require" => Npgsql.SslMode.Require,
                "verify-ca" => Npgsql.SslMode.VerifyCA,
                "verify-full" => Npgsql.SslMode.VerifyFull,
                _ => Npgsql.SslMode.Prefer,
            },
            RootCertificate = SslRootCertificate,
        };
        return builder.ConnectionString;
    }

    /// <summary>The environment for PostgreSQL's own programs: the same target, the password for the child alone.</summary>
    internal IReadOnlyDictionary<string, string?> ToolEnvironment() => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["PGHOST"] = Host,
        ["PGHOSTADDR"] = null,
        ["PGPORT"] = Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["PGUSER"] = Username,
        ["PGPASSWORD"] = Password,
        ["PGDATABASE"] = Database,
        ["PGSSLMODE"] = SslMode,
        ["PGSSLROOTCERT"] = SslRootCertificate,
        ["PGOPTIONS"] = Options,
        ["PGSERVICE"] = null,
        ["PGAPPNAME"] = "dbsafety",
        ["PGCLIENTENCODING"] = null,
        ["PGCONNECT_TIMEOUT"] = "10",
    };

    /// <summary>For <c>--dbname</c>: a connection string of the name alone, so that a name with a <c>=</c> in it is not taken for one.</summary>
    internal string ToolConnectionName => "dbname='" + Database.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";

    /// <summary>The URL that PostgreSQL's clients and the migration tools understand, password included: never print it.</summary>
    internal string Url(string applicationName)
    {
        var login = Uri.EscapeDataString(Username) + (Password is { Length: > 0 } ? ":" + Uri.EscapeDataString(Password) : "");
        // A socket's folder stands behind a host that nobody looks up.
        var isSocket = Host.StartsWith('/');
        var place = isSocket ? "localhost" : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        (string Name, string? Value)[] settings = [("host", isSocket ? Host : null), ("schema", Schema), ("sslmode", SslMode), ("sslrootcert", SslRootCertificate), ("options", Options), ("application_name", applicationName)];
        var query = string.Join('&', settings.Where(s => s.Value is not null).Select(s => $"{s.Name}={Uri.EscapeDataString(s.Value!)}"));
        return $"postgresql://{login}@{place}:{Port}/{Uri.EscapeDataString(Database)}?{query}";
    }

    /// <summary>A URL without the password.</summary>
    public override string ToString() => $"postgres://{Uri.EscapeDataString(Username)}@{(Host.StartsWith('/') ? Uri.EscapeDataString(Host) : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}/{Uri.EscapeDataString(Database)}";
}
