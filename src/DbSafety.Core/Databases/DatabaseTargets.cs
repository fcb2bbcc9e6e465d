using System.Globalization;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Databases;

/// <summary>Reads the ways people say which database they mean.</summary>
public static class DatabaseTargets
{
    /// <summary>A <c>postgres://</c> URL, or a connection string in Npgsql's form.</summary>
    /// <param name="otherwise">The database where the text names none; null: the one called like the user, as libpq has it.</param>
    /// <exception cref="DbSafetyException"><c>DBS105</c>.</exception>
    public static DatabaseTarget Parse(string text, string? otherwise = null)
    {
        text = text.Trim();
        return text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase)
            ? ParseUrl(text, otherwise)
            : ParseConnectionString(text, otherwise);
    }

    /// <summary>
    /// libpq's environment: PGSERVICE with its file, PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSWORD, PGPASSFILE, PGSSLMODE
    /// (https://www.postgresql.org/docs/current/libpq-envars.html).
    /// </summary>
    public static DatabaseTarget FromEnvironment(string? database = null) => FromEnvironment(new DatabaseChoice { Database = database });

    /// <summary>The same, where what was <paramref name="given"/> comes first.</summary>
    internal static DatabaseTarget FromEnvironment(DatabaseChoice given)
    {
        var service = PgServiceFile.Read(Variable("PGSERVICE"));
        string? Setting(string key, string variable) => Variable(variable) ?? service.GetValueOrDefault(key);
        var user = given.Username ?? Setting("user", "PGUSER") ?? Environment.UserName;
        return Complete(new DatabaseTarget
        {
            Host = given.Host ?? Setting("host", "PGHOST") ?? DefaultHost(),
            Port = given.Port ?? Port(Setting("port", "PGPORT"), "PGPORT"),
            Username = user,
            Password = given.Password ?? Setting("password", "PGPASSWORD"),
            Database = given.Database ?? Setting("dbname", "PGDATABASE") ?? user,
            SslMode = Setting("sslmode", "PGSSLMODE"),
            SslRootCertificate = Setting("sslrootcert", "PGSSLROOTCERT"),
            Options = Setting("options", "PGOPTIONS"),
        });
    }

    /// <summary>Takes <c>DATABASE_URL</c> from an env file, as dotenv reads it: <c>export</c>, quotes and comments included.</summary>
    /// <exception cref="DbSafetyException"><c>DBS106</c>.</exception>
    public static DatabaseTarget FromEnvFile(string path, string variable = "DATABASE_URL", string? otherwise = null)
    {
        var values = EnvFile.Read(path);
        if (!values.TryGetValue(variable, out var url) || url.Length == 0)
            throw ErrorCatalogue.EnvFileInvalid.For(path, $"it has no {variable}");
        return Parse(url, otherwise);
    }

    /// <summary>Adds the password from the password file where none was given.</summary>
    internal static DatabaseTarget Complete(DatabaseTarget target) =>
        target.Password is null ? target with { Password = PgPassFile.Find(target) } : target;

    private static DatabaseTarget ParseUrl(string text, string? otherwise)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
            throw ErrorCatalogue.TargetInvalid.For(Redact(text), "it is not a URL; special characters in a password must be percent-encoded");
        var query = url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .ToLookup(p => Uri.UnescapeDataString(p[0]), p => p.Length > 1 ? Uri.UnescapeDataString(p[1].Replace('+', ' ')) : "", StringComparer.Ordinal);
        string? Query(string name) => query[name].LastOrDefault() is { Length: > 0 } value ? value : null;
        var userInfo = url.UserInfo.Split(':', 2);
        var user = userInfo[0].Length > 0 ? Uri.UnescapeDataString(userInfo[0]) : Query("user") ?? Variable("PGUSER") ?? Environment.UserName;
        var database = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/'));
        return Complete(new DatabaseTarget
        {
            Host = Query("host") ?? (url.Host.Length > 0 ? url.Host.Trim('[', ']') : DefaultHost()),
            Port = Query("port") is { } port ? Port(port, "port") : url.Port > 0 ? url.Port : 5432,
            Username = user,
            Password = userInfo.Length > 1 ? Uri.UnescapeDataString(userInfo[1]) : Query("password") ?? Variable("PGPASSWORD"),
            Database = database.Length > 0 ? database : Query("dbname") ?? otherwise ?? user,
            SslMode = Query("sslmode"),
            SslRootCertificate = Query("sslrootcert"),
            Schema = Query("schema"),
            Options = Query("options"),
        });
    }

    private static DatabaseTarget ParseConnectionString(string text, string? otherwise)
    {
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(text);
            var user = builder.Username ?? Variable("PGUSER") ?? Environment.UserName;
            return Complete(new DatabaseTarget
            {
                Host = builder.Host ?? DefaultHost(),
                Port = builder.Port,
                Username = user,
                Password = builder.Password ?? Variable("PGPASSWORD"),
                Database = builder.Database ?? otherwise ?? user,
                SslMode = builder.ContainsKey("SSL Mode") ? SslModeName(builder.SslMode) : null,
                SslRootCertificate = builder.RootCertificate,
                Options = builder.Options,
            });
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The text may hold a password: it is not repeated.
            throw ErrorCatalogue.TargetInvalid.For("the connection string", "it is neither a URL nor in Npgsql's form (Host=…;Database=…)");
        }
    }

    private static string SslModeName(SslMode mode) => mode switch
    {
        SslMode.VerifyCA => "verify-ca",
        SslMode.VerifyFull => "verify-full",
        _ => mode.ToString().ToLowerInvariant(),
    };

    private static string Redact(string url)
    {
        var at = url.LastIndexOf('@');
        var scheme = url.IndexOf("://", StringComparison.Ordinal) + 3;
        return at > scheme ? url[..scheme] + "…" + url[at..] : url;
    }

    private static int Port(string? text, string name) =>
        text is null ? 5432
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 ? port
        : throw ErrorCatalogue.TargetInvalid.For(name, $"'{text}' is not a port");

    private static string DefaultHost() =>
        Directory.Exists("/var/run/postgresql") ? "/var/run/postgresql" : "localhost";

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
