using System.Globalization;
using System.Text.RegularExpressions;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Databases;

/// <summary>Reads the ways people say which database they mean.</summary>
public static partial class DatabaseTargets
{
    /// <summary>A <c>postgres://</c> URL, or a connection string in libpq's or in Npgsql's form.</summary>
    /// <param name="otherwise">The database where the text names none; null: the one called like the user, as libpq has it.</param>
    /// <exception cref="DbSafetyException"><c>DBS105</c>.</exception>
    public static DatabaseTarget Parse(string text, string? otherwise = null)
    {
        text = text.Trim();
        return PostgresUrl.IsOne(text) ? ParseUrl(PostgresUrl.Parse(text), otherwise)
            : PostgresKeywords.IsOne(text) ? ParseKeywords(PostgresKeywords.Parse(text), otherwise)
            : ParseConnectionString(text, otherwise);
    }

    /// <summary>What an environment variable holds, named as <c>env:NAME</c>.</summary>
    /// <exception cref="DbSafetyException"><c>DBS105</c>.</exception>
    public static string OfVariable(string text) =>
        Variable(text[4..]) ?? throw ErrorCatalogue.TargetInvalid.For(VariablePattern().IsMatch(text[4..]) ? text : "env:…", "that variable is not set");

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
        return Parse(url, otherwise) with { EnvFile = Path.GetFullPath(path) };
    }

    /// <summary>Adds the password from the password file where none was given.</summary>
    internal static DatabaseTarget Complete(DatabaseTarget target)
    {
        // A whole connection string where a name belongs would be repeated, password and all, wherever the name is shown.
        if (!target.Host.StartsWith('/') && NoHostPattern().IsMatch(target.Host))
            throw ErrorCatalogue.TargetInvalid.For("the host", "it is not a host name, an address or a folder");
        if (PostgresUrl.IsOne(target.Database) || PasswordPattern().IsMatch(target.Database))
            throw ErrorCatalogue.TargetInvalid.For("the database", "it is a whole connection string, where a name belongs");
        return target.Password is null ? target with { Password = PgPassFile.Find(target) } : target;
    }

    [GeneratedRegex(@"[\s=@?;]|://")]
    private static partial Regex NoHostPattern();

    [GeneratedRegex(@"(?:^|[\s;])password\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordPattern();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex VariablePattern();

    private static DatabaseTarget ParseUrl(PostgresUrl url, string? otherwise)
    {
        var user = url.User ?? url.Setting("user") ?? Variable("PGUSER") ?? Environment.UserName;
        return Complete(new DatabaseTarget
        {
            Host = url.Setting("host") ?? url.Host ?? DefaultHost(),
            Port = Port(url.Setting("port") ?? url.Port, "the URL's port"),
            Username = user,
            Password = url.Password ?? url.Setting("password") ?? Variable("PGPASSWORD"),
            Database = url.Database ?? url.Setting("dbname") ?? otherwise ?? user,
            SslMode = url.Setting("sslmode"),
            SslRootCertificate = url.Setting("sslrootcert"),
            Schema = url.Setting("schema"),
            IsPooler = url.Setting("pgbouncer") is "true" or "1",
            Options = url.Setting("options"),
        });
    }

    private static DatabaseTarget ParseKeywords(IReadOnlyDictionary<string, string> settings, string? otherwise)
    {
        string? Setting(string keyword) => settings.GetValueOrDefault(keyword) is { Length: > 0 } value ? value : null;
        var host = Setting("hostaddr") ?? Setting("host") ?? Variable("PGHOST") ?? DefaultHost();
        if (host.Contains(',', StringComparison.Ordinal))
            throw ErrorCatalogue.TargetInvalid.For("the connection string", "it names several hosts; name the one to work on");
        var user = Setting("user") ?? Variable("PGUSER") ?? Environment.UserName;
        return Complete(new DatabaseTarget
        {
            Host = host,
            Port = Port(Setting("port") ?? Variable("PGPORT"), "the connection string's port"),
            Username = user,
            Password = Setting("password") ?? Variable("PGPASSWORD"),
            Database = Setting("dbname") ?? otherwise ?? user,
            SslMode = Setting("sslmode") ?? Variable("PGSSLMODE"),
            SslRootCertificate = Setting("sslrootcert") ?? Variable("PGSSLROOTCERT"),
            Options = Setting("options"),
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
            throw ErrorCatalogue.TargetInvalid.For("the connection string", "it is neither a URL nor in libpq's form (host=… dbname=…) nor in Npgsql's (Host=…;Database=…)");
        }
    }

    private static string SslModeName(SslMode mode) => mode switch
    {
        SslMode.VerifyCA => "verify-ca",
        SslMode.VerifyFull => "verify-full",
        _ => mode.ToString().ToLowerInvariant(),
    };

    private static int Port(string? text, string name) =>
        text is null ? 5432
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 ? port
        : throw ErrorCatalogue.TargetInvalid.For(name, "it is not a number from 1 to 65535");

    private static string DefaultHost() =>
        Directory.Exists("/var/run/postgresql") ? "/var/run/postgresql" : "localhost";

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
