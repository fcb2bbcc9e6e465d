using DbSafety.Audit;
using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;
using DbSafety.Tools;
using Npgsql;

namespace DbSafety.Databases.Connections;

/// <summary>
/// A database and its connection settings. Created by <see cref="DatabaseTargets"/> from a URL, a connection string, an env file
/// or libpq's environment. Its text form never contains the password.
/// </summary>
public sealed record DatabaseTarget
{
    /// <summary>A host name, an address, or the folder of a Unix socket (it then begins with <c>/</c>).</summary>
    public required string Host { get; init; }

    public int Port { get; init; } = 5432;

    /// <summary>libpq's <c>hostaddr</c>: the address to connect to, while the host name is validated against the certificate.</summary>
    internal string? HostAddress { get; init; }

    /// <summary>The servers to choose from before this target is used; null: a single server.</summary>
    internal HostChoice? Servers { get; init; }

    public required string Username { get; init; }

    /// <summary>Not public, so that printing an object does not show it.</summary>
    internal string? Password { get; init; }

    public required string Database { get; init; }

    /// <summary>libpq's words: disable, allow, prefer, require, verify-ca, verify-full. Null: the client's default.</summary>
    public string? SslMode { get; init; }

    /// <summary>A PEM file with the authorities to trust, or <c>system</c>.</summary>
    public string? SslRootCertificate { get; init; }

    /// <summary>Other security settings of the connection.</summary>
    internal WireSecurity Security { get; init; } = WireSecurity.Default;

    /// <summary>Prisma's <c>?schema=</c>, if the URL has it.</summary>
    public string? Schema { get; init; }

    /// <summary>libpq's <c>options</c>, such as <c>-c search_path=app</c>.</summary>
    public string? Options { get; init; }

    /// <summary>The URL declares a transaction pooler (Prisma's <c>?pgbouncer=true</c>).</summary>
    internal bool IsPooler { get; init; }

    /// <summary>The direct address of its server, for the hint of a refused pooler; null: not searched yet.</summary>
    internal string? DirectHint { get; init; }

    /// <summary>The env file that names this target, or null.</summary>
    internal string? EnvFile { get; init; }

    /// <summary>The Docker container in which this target was found, or null.</summary>
    public string? Container { get; init; }

    /// <summary>The Docker volume on whose copy this server runs, or null.</summary>
    public string? Volume { get; init; }

    /// <summary>The inside of that container, where PostgreSQL programs can run too; null if not checked.</summary>
    internal IToolPlace? Place { get; init; }

    /// <summary>The maintenance database of this server; null: not chosen yet.</summary>
    internal string? Maintenance { get; init; }

    /// <summary>Sessions use the login role although ALTER ROLE … SET role specifies another one; the programs do too.</summary>
    internal bool UsesLoginRole { get; init; }

    /// <summary><c>host:port</c>, for messages.</summary>
    public string Server => IsSocket ? $"{Host} (port {Port})" : HostAddress is { } address && address != Host ? $"{Host} ({address}):{Port}" : $"{Host}:{Port}";

    /// <summary>What the log records of an operation on this database.</summary>
    internal LogSubject Log(string verb) => new(verb) { Database = Database, Server = Container is null ? Server : $"container {Container}", Role = Username };

    /// <summary>The address of the connection, regardless of the name on the certificate.</summary>
    internal string Address => HostAddress ?? Host;

    /// <summary>In seconds. Through an engine, a connection starts a program in the container first, possibly over ssh.</summary>
    private int ConnectTimeout => Container is not null && IsSocket ? 60 : 10;

    internal bool IsSocket => Address.StartsWith('/');

    /// <summary>The same connection for another role.</summary>
    public DatabaseTarget LoggedInAs(string user, string? password) => DatabaseTargets.Checked(this with { Username = user, Password = string.IsNullOrEmpty(password) ? null : password });

    public DatabaseTarget On(string database) => this with { Database = database };

    /// <summary>The connection string for Npgsql, including the password: never print it.</summary>
    internal string ConnectionString(string? applicationName)
    {
        if (Servers is not null)
            throw ErrorCatalogue.NoServerFits.For(Servers.Text, "any", "no server was chosen");
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = Address,
            Port = Port,
            Username = Username,
            Password = Password,
            Database = Database,
            ApplicationName = applicationName,
            Pooling = false,
            Timeout = ConnectTimeout,
            CommandTimeout = 0,
            KeepAlive = 30,
            // While a statement runs, only TCP keepalives detect a lost server; libpq enables them by default. In seconds.
            TcpKeepAlive = !IsSocket,
            TcpKeepAliveTime = IsSocket ? 0 : 30,
            TcpKeepAliveInterval = IsSocket ? 0 : 10,
            IncludeErrorDetail = true,
            // If Options is null, Npgsql would use PGOPTIONS.
            Options = Options ?? (Environment.GetEnvironmentVariable("PGOPTIONS") is { Length: > 0 } ? " " : null),
            // Also without a setting: Npgsql reads its own environment variables.
            SslMode = IsSocket ? Npgsql.SslMode.Disable : SslMode?.ToLowerInvariant() switch
            {
                "disable" => Npgsql.SslMode.Disable,
                "allow" => Npgsql.SslMode.Allow,
                null or "prefer" => Npgsql.SslMode.Prefer,
                // WireConnection validates.
                _ => Npgsql.SslMode.Require,
            },
            ChannelBinding = Security.ChannelBinding switch { "require" => Npgsql.ChannelBinding.Require, "disable" => Npgsql.ChannelBinding.Disable, _ => Npgsql.ChannelBinding.Prefer },
            RequireAuth = WireSecurityReader.NpgsqlMethods(Security.RequireAuth, Security.ChannelBinding == "require"),
            // libpq too uses neither on a Unix socket.
            SslNegotiation = Security.Negotiation == "direct" && !IsSocket ? Npgsql.SslNegotiation.Direct : Npgsql.SslNegotiation.Postgres,
            GssEncryptionMode = Security.GssEncryption switch { "require" => Npgsql.GssEncryptionMode.Require, "disable" => Npgsql.GssEncryptionMode.Disable, _ => Npgsql.GssEncryptionMode.Prefer },
        };
        if (Security.Certificate is not null)
            builder.SslCertificate = Security.Certificate;
        if (Security.Key is not null)
            builder.SslKey = Security.Key;
        return builder.ConnectionString;
    }

    /// <summary>The environment for PostgreSQL programs: the same target, with the password only in the child's environment.</summary>
    internal IReadOnlyDictionary<string, string?> ToolEnvironment() => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["PGHOST"] = Host,
        ["PGHOSTADDR"] = HostAddress,
        ["PGPORT"] = Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["PGUSER"] = Username,
        ["PGPASSWORD"] = Password,
        ["PGDATABASE"] = Database,
        ["PGSSLMODE"] = SslMode,
        ["PGSSLROOTCERT"] = SslRootCertificate,
        ["PGSSLCERT"] = Security.Certificate,
        ["PGSSLKEY"] = Security.Key,
        ["PGSSLNEGOTIATION"] = Security.Negotiation,
        ["PGSSLMINPROTOCOLVERSION"] = Security.MinProtocol,
        ["PGSSLMAXPROTOCOLVERSION"] = Security.MaxProtocol,
        ["PGCHANNELBINDING"] = Security.ChannelBinding,
        ["PGREQUIREAUTH"] = Security.RequireAuth,
        ["PGGSSENCMODE"] = Security.GssEncryption,
        ["PGREQUIRESSL"] = null,
        ["PGTARGETSESSIONATTRS"] = null,
        ["PGLOADBALANCEHOSTS"] = null,
        ["PGOPTIONS"] = Options,
        ["PGSERVICE"] = null,
        ["PGAPPNAME"] = "dbsafety",
        ["PGCLIENTENCODING"] = null,
        ["PGCONNECT_TIMEOUT"] = ConnectTimeout.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    /// <summary>For <c>--dbname</c>: a connection string with only the name, so that a name that contains <c>=</c> is not read as a connection string.</summary>
    internal string ToolConnectionName => "dbname='" + Database.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";

    /// <summary>The URL for PostgreSQL clients and migration tools, including the password: never print it.</summary>
    internal string Url(string applicationName)
    {
        var login = Uri.EscapeDataString(Username) + (Password is { Length: > 0 } ? ":" + Uri.EscapeDataString(Password) : "");
        // The socket folder is a parameter; the host before it is not resolved.
        var isSocket = IsSocket;
        // Only libpq supports hostaddr: with the name, other clients would connect to another server.
        var place = isSocket ? "localhost" : Address.Contains(':', StringComparison.Ordinal) ? $"[{Address}]" : Address;
        // Prisma has its own setting for validation, and its sslcert is the file of certificate authorities.
        var isStrict = Security.PrismaAccept == "strict";
        (string Name, string? Value)[] settings =
        [
            ("host", isSocket ? Host : null), ("schema", Schema), ("sslmode", isStrict ? "require" : SslMode), ("sslaccept", Security.PrismaAccept),
            (isStrict ? "sslcert" : "sslrootcert", isStrict && SslRootCertificate == WireSecurityReader.System ? null : SslRootCertificate),
            ("sslcert", isStrict ? null : Security.Certificate), ("sslkey", isStrict ? null : Security.Key), ("channel_binding", Security.ChannelBinding),
            ("options", Options), ("application_name", applicationName),
        ];
        var query = string.Join('&', settings.Where(s => s.Value is not null).Select(s => $"{s.Name}={Uri.EscapeDataString(s.Value!)}"));
        return $"postgresql://{login}@{place}:{Port}/{Uri.EscapeDataString(Database)}?{query}";
    }

    /// <summary>A URL for the same database with the same connection security, without the password.</summary>
    public override string ToString() => TargetText.Url(this);
}
