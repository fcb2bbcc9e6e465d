using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Rounds.Versions;
using DbSafety.Operations;
using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Databases.Connections;

/// <summary>
/// A PostgreSQL on a port of 127.0.0.1 with a certificate for localhost. Roles: <c>guest</c> as it likes, <c>secure</c> with TLS alone, <c>plain</c> without TLS
/// alone, <c>app</c> (scram) and <c>old</c> (md5) with the password <c>s3cret</c>, <c>certified</c> with a certificate.
/// </summary>
public sealed class TlsServer : IAsyncLifetime
{
    private const string Access = """
        local all all trust
        host all guest all trust
        hostssl all secure all trust
        hostnossl all plain all trust
        hostssl all certified all cert
        host all old all md5
        host all app all scram-sha-256
        host all typed all password
        """;

    private readonly int? major;
    private ScratchServer? server;
    private string psql = "";

    public TlsServer()
    {
    }

    private TlsServer(int major) => this.major = major;

    public int Port { get; private set; }

    /// <summary>Of a version that <c>tests/postgres-versions.sh</c> provides, with its own psql.</summary>
    public static async Task<TlsServer> StartAsync(int major)
    {
        var started = new TlsServer(major);
        await started.InitializeAsync();
        return started;
    }

    /// <summary>Without a blank in its name, which a URL would have to encode.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("dbsafety-tls-").FullName;

    public string Authority => Path.Combine(Folder, "ca.pem");

    /// <summary>One that has signed nothing.</summary>
    public string OtherAuthority => Path.Combine(Folder, "other.pem");

    public string SocketFolder => Target.Host;

    /// <summary>The superuser's, over the socket.</summary>
    public DatabaseTarget Target { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (OperatingSystem.IsWindows())
            return;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
        WriteCertificates();
        await File.WriteAllTextAsync(Path.Combine(Folder, "pg_hba.conf"), Access);
        if (Environment.IsPrivilegedProcess)
            (await ToolProcess.RunAsync(new ToolCommand("chown", ["postgres", Path.Combine(Folder, "server.key")]), CancellationToken.None)).OrThrow();
        string[] settings =
        [
            "listen_addresses=127.0.0.1", $"port={Port}", "ssl=on",
            $"ssl_cert_file={Path.Combine(Folder, "server.crt")}", $"ssl_key_file={Path.Combine(Folder, "server.key")}", $"ssl_ca_file={Authority}", $"hba_file={Path.Combine(Folder, "pg_hba.conf")}",
        ];
        server = major is { } version ? await PostgresVersions.StartAsync(version, settings) : await ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None, settings);
        Target = server.Target with { Port = Port };
        await PgServer.ExecuteAsync(Target, """
            CREATE ROLE guest LOGIN; CREATE ROLE secure LOGIN; CREATE ROLE plain LOGIN; CREATE ROLE certified LOGIN; CREATE ROLE app LOGIN PASSWORD 's3cret'; CREATE ROLE typed LOGIN PASSWORD 's3cret';
            SET password_encryption = 'md5'; CREATE ROLE old LOGIN PASSWORD 's3cret'
            """);
        foreach (var name in new[] { "shop", "shop two", "guest" })
            await PgServer.ExecuteAsync(Target, $"CREATE DATABASE {SqlName.Quote(name)} TEMPLATE template0");
        psql = major is { } own ? Path.Combine(PostgresVersions.Programs(own)!, "psql") : (await PgTools.AllAsync("psql", CancellationToken.None)).MaxBy(t => t.Major)!.Path;
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    public string Url(string role, string database, string settings) => $"postgres://{role}@localhost:{Port}/{database}{settings}";

    /// <summary>What is asked of psql and of our own sessions.</summary>
    public const string Question = """
        SELECT current_user || ' ' || current_database() || ' ' || CASE WHEN ssl THEN 'tls' ELSE 'clear' END || ' ' || coalesce(host(inet_server_addr()), 'socket') || ' ' || current_setting('port')
        FROM pg_stat_ssl WHERE pid = pg_backend_pid()
        """;

    /// <summary>What psql says, or <c>refused</c>.</summary>
    /// <param name="text">Null: the environment alone.</param>
    public Task<string> AskPsqlAsync(string? text, IReadOnlyDictionary<string, string>? environment = null) => AskAsync(psql, text, environment);

    /// <summary>What a psql of another version says.</summary>
    public Task<string> AskPsqlAsync(int version, string text) => AskAsync(Path.Combine(PostgresVersions.Programs(version)!, "psql"), text, null);

    private async Task<string> AskAsync(string psql, string? text, IReadOnlyDictionary<string, string>? environment)
    {
        var variables = Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(n => n.StartsWith("PG", StringComparison.Ordinal)).ToDictionary(n => n, _ => (string?)null, StringComparer.Ordinal);
        variables["HOME"] = Folder;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            variables[name] = value;
        var result = await ToolProcess.RunAsync(new ToolCommand(psql, ["--no-psqlrc", "--no-password", "--no-align", "--tuples-only", "--command=" + Question, .. text is null ? Array.Empty<string>() : ["--dbname=" + text]]) { Environment = variables }, CancellationToken.None);
        return result.ExitCode == 0 ? result.Output.Trim() : "refused";
    }

    /// <summary>What a session of ours says, or <c>refused</c>.</summary>
    public static async Task<string> AskOursAsync(Func<DatabaseTarget> target)
    {
        try
        {
            var chosen = await new ChooseServer().RunAsync(target(), OperationEvents.None, CancellationToken.None);
            return await PgServer.ScalarAsync<string>(chosen, Question);
        }
        catch (DbSafetyException)
        {
            return "refused";
        }
    }

    /// <summary>Like the test's own environment, with a home that has nothing in it.</summary>
    public DatabaseTarget Parse(string text)
    {
        ProcessVariables.Use(new Dictionary<string, string> { ["HOME"] = Folder });
        return DatabaseTargets.Parse(text);
    }

    private void WriteCertificates()
    {
        using var authority = NewAuthority("DbSafety test authority");
        using var other = NewAuthority("another authority");
        File.WriteAllText(Authority, authority.ExportCertificatePem());
        File.WriteAllText(OtherAuthority, other.ExportCertificatePem());
        Write("server", "localhost", authority);
        Write("client", "certified", authority);
    }

    private static X509Certificate2 NewAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    private void Write(string file, string name, X509Certificate2 authority)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var issuer = authority.GetECDsaPrivateKey()!;
        using var certificate = request.Create(authority.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer), DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(20), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Path.Combine(Folder, file + ".crt"), certificate.ExportCertificatePem());
        var path = Path.Combine(Folder, file + ".key");
        File.WriteAllText(path, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
