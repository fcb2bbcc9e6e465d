using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;
using DbSafety.Tools;
using Npgsql;

namespace DbSafety.Databases.Connections;

/// <summary>
/// Which database, and how to reach it. Made by <see cref="DatabaseTargets"/> from a URL, a connection string, an env file
/// or libpq's environment. Its text form never holds the password.
/// </summary>
public sealed record DatabaseTarget
{
    /// <summary>A host name, an address, or the folder of a Unix socket (it then begins with <c>/</c>).</summary>
    public required string Host { get; init; }

    public int Port { get; init; } = 5432;

    /// <summary>libpq's <c>hostaddr</c>: where to connect to, while the host's name is the one on the certificate.</summary>
    internal string? HostAddress { get; init; }

    /// <summary>One of these is to be chosen before this target is used; null: there is nothing to choose.</summary>
    internal HostChoice? Servers { get; init; }

    public required string Username { get; init; }

    /// <summary>Not public, so that nothing that prints objects shows it.</summary>
    internal string? Password { get; init; }

    public required string Database { get; init; }

    /// <summary>libpq's words: disable, allow, prefer, require, verify-ca, verify-full. Null: the client's default.</summary>
    public string? SslMode { get; init; }

    /// <summary>A PEM file with the authorities to trust, or <c>system</c>.</summary>
    public string? SslRootCertificate { get; init; }

    /// <summary>What else the connection has to be.</summary>
    internal WireSecurity Security { get; init; } = WireSecurity.Default;

    /// <summary>Prisma's <c>?schema=</c>, where the URL had one.</summary>
    public string? Schema { get; init; }

    /// <summary>libpq's <c>options</c>, such as <c>-c search_path=app</c>.</summary>
    public string? Options { get; init; }

    /// <summary>The URL says that it leads to a transaction pooler (Prisma's <c>?pgbouncer=true</c>).</summary>
    internal bool IsPooler { get; init; }

    /// <summary>What else names its server, for the hint where a pooler is refused; null: look for it.</summary>
    internal string? DirectHint { get; init; }

    /// <summary>The env file that names this target, or null.</summary>
    internal string? EnvFile { get; init; }

    /// <summary>A Docker container this target was found in, or null.</summary>
    public string? Container { get; init; }

    /// <summary>The Docker volume whose copy this target's server runs on, or null.</summary>
    public string? Volume { get; init; }

    /// <summary>The inside of that container, where PostgreSQL's programs can be run too; null where it was not looked at.</summary>
    internal IToolPlace? Place { get; init; }

    /// <summary>The database that this server is maintained from, once one was found; null: look for one.</summary>
    internal string? Maintenance { get; init; }

    /// <summary>Our sessions use the role that logs in although ALTER ROLE … SET role names another one: the programs do too.</summary>
    internal bool UsesLoginRole { get; init; }

    /// <summary><c>host:port</c>, for messages.</summary>
    public string Server => IsSocket ? $"{Host} (port {Port})" : HostAddress is { } address && address != Host ? $"{Host} ({address}):{Port}" : $"{Host}:{Port}";

    /// <summary>Where the connection goes, whatever name is on the certificate.</summary>
    internal string Address => HostAddress ?? Host;

    internal bool IsSocket => Address.StartsWith('/');

    /// <summary>The same connection for another role.</summary>
    public DatabaseTarget LoggedInAs(string user, string? password) => DatabaseTargets.Checked(this with { Username = user, Password = string.IsNullOrEmpty(password) ? null : password });

    public DatabaseTarget On(string database) => this with { Database = database };

    /// <summary>The connection string for Npgsql, password included: never print it.</summary>
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
            Timeout = 10,
            CommandTimeout = 0,
            KeepAlive = 30,
            // While a statement runs only the operating system can find out that the other side is gone; libpq does the same by default. In seconds.
            TcpKeepAlive = !IsSocket,
            TcpKeepAliveTime = IsSocket ? 0 : 30,
            TcpKeepAliveInterval = IsSocket ? 0 : 10,
            IncludeErrorDetail = true,
            // Npgsql would take PGOPTIONS in place of none.
            Options = Options ?? (Environment.GetEnvironmentVariable("PGOPTIONS") is { Length: > 0 } ? " " : null),
            // Also where nothing is asked for: Npgsql has an environment of its own.
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

    /// <summary>The environment for PostgreSQL's own programs: the same target, the password for the child alone.</summary>
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
        ["PGCONNECT_TIMEOUT"] = "10",
    };

    /// <summary>For <c>--dbname</c>: a connection string of the name alone, so that a name with a <c>=</c> in it is not taken for one.</summary>
    internal string ToolConnectionName => "dbname='" + Database.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";

    /// <summary>The URL that PostgreSQL's clients and the migration tools understand, password included: never print it.</summary>
    internal string Url(string applicationName)
    {
        var login = Uri.EscapeDataString(Username) + (Password is { Length: > 0 } ? ":" + Uri.EscapeDataString(Password) : "");
        // A socket's folder stands behind a host that nobody looks up.
        var isSocket = IsSocket;
        // hostaddr is libpq's alone: by the name, other clients would go to another server.
        var place = isSocket ? "localhost" : Address.Contains(':', StringComparison.Ordinal) ? $"[{Address}]" : Address;
        // Prisma has a word of its own for validation, and calls the file of authorities sslcert.
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

    /// <summary>A URL that leads to the same database over a connection that is as safe; without the password.</summary>
    public override string ToString() => TargetText.Url(this);
}
