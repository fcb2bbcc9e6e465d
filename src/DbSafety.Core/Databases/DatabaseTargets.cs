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
        return PostgresUrl.IsOne(text) ? ParseUrl(PostgresUrl.Parse(text), otherwise) : ParseConnectionString(text, otherwise);
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
            Options = url.Setting("options"),
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

    private static int Port(string? text, string name) =>
        text is null ? 5432
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 ? port
        : throw ErrorCatalogue.TargetInvalid.For(name, $"'{text}' is not a port");

    private static string DefaultHost() =>
        Directory.Exists("/var/run/postgresql") ? "/var/run/postgresql" : "localhost";

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
