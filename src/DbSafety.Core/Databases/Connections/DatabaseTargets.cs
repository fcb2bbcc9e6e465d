using System.Text.RegularExpressions;
using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;

namespace DbSafety.Databases.Connections;

/// <summary>Parses the ways in which users specify a database.</summary>
public static partial class DatabaseTargets
{
    /// <summary>libpq's default on Debian, and where distributions put sockets.</summary>
    internal const string DefaultSocketFolder = "/var/run/postgresql";

    /// <summary>A <c>postgres://</c> URL, or a connection string in libpq's or in Npgsql's form.</summary>
    /// <param name="otherwise">The database if the text names none; null: libpq's rules, where the last default is the user name.</param>
    /// <exception cref="DbSafetyException"><c>DBS105</c>, <c>DBS124</c>, <c>DBS127</c>.</exception>
    public static DatabaseTarget Parse(string text, string? otherwise = null) =>
        ConnectionResolver.Resolve(new DatabaseChoice { OtherwiseDatabase = otherwise }, Read(text));

    /// <summary>The database that a text specifies completely. It can belong to another machine or a container: the environment and files of this machine are ignored.</summary>
    internal static string? NameIn(string text) => Read(text).Settings is var settings && (settings["dbname"] ?? settings["user"]) is { Length: > 0 } name ? name : null;

    internal static ConnectionText Read(string text)
    {
        var whole = text;
        text = text.Trim();
        // libpq reads trailing white space in a URL as part of the database name, and a URL with leading white space as another form.
        if (whole.Length != text.Length && SchemePattern().IsMatch(text))
            throw ErrorCatalogue.TargetInvalid.For("the URL", "it has leading or trailing white space");
        if (PostgresUrl.IsOneOrHasDriver(text))
            return PostgresUrl.Parse(text);
        if (AcceleratePattern().IsMatch(text))
            throw ErrorCatalogue.TargetInvalid.For("the URL", "prisma:// and prisma+postgres:// connect to Prisma's own service, not to PostgreSQL; use the direct postgres:// URL of the database (for prisma dev, the TCP URL that prisma dev ls shows)");
        if (SchemePattern().IsMatch(text))
            throw ErrorCatalogue.TargetInvalid.For("the URL", "it must begin with postgres:// or postgresql://");
        return PostgresKeywords.IsOne(text) ? PostgresKeywords.Parse(text) : NpgsqlText.Parse(text);
    }

    /// <summary>The value of an environment variable, specified as <c>env:NAME</c>.</summary>
    /// <exception cref="DbSafetyException"><c>DBS105</c>.</exception>
    public static string OfVariable(string text) =>
        Variable(text[4..]) ?? throw ErrorCatalogue.TargetInvalid.For(VariablePattern().IsMatch(text[4..]) ? text : "env:…", "the variable is not set");

    /// <summary>libpq's environment, PGSERVICE with its file included (https://www.postgresql.org/docs/current/libpq-envars.html).</summary>
    public static DatabaseTarget FromEnvironment(string? database = null) => FromEnvironment(new DatabaseChoice { Database = database });

    /// <summary>The same, where <paramref name="given"/> takes precedence.</summary>
    internal static DatabaseTarget FromEnvironment(DatabaseChoice given) => ConnectionResolver.Resolve(given, null);

    /// <summary>Takes <c>DATABASE_URL</c> from an env file, as dotenv and dotenv-expand read it.</summary>
    /// <exception cref="DbSafetyException"><c>DBS106</c>, <c>DBS125</c>, <c>DBS126</c>.</exception>
    public static DatabaseTarget FromEnvFile(string path, string variable = "DATABASE_URL", string? otherwise = null) =>
        FromEnvFile(new DatabaseChoice { EnvFile = path, OtherwiseDatabase = otherwise }, variable);

    internal static DatabaseTarget FromEnvFile(DatabaseChoice given, string variable = "DATABASE_URL")
    {
        var path = ConnectionNames.Checked(given.EnvFile!, "the env file");
        if (EnvFile.Text(path, variable) is not { Length: > 0 } text)
            throw ErrorCatalogue.EnvFileInvalid.For(path, $"it has no {variable}");
        return ConnectionResolver.Resolve(given, Read(text), needsDatabase: true) with { EnvFile = Path.GetFullPath(path) };
    }

    /// <summary>Rejects a connection string in place of a name: it would be shown with its password wherever the name is shown.</summary>
    internal static DatabaseTarget Checked(DatabaseTarget target)
    {
        if (!target.Host.StartsWith('/') && NoHostPattern().IsMatch(target.Host))
            throw ErrorCatalogue.TargetInvalid.For("the host", "it is not a host name, an address or a folder");
        // Npgsql would read the text after a colon as the port.
        if (!target.Host.StartsWith('/') && target.Host.AsSpan().ContainsAny(':', '[', ']') && !IsAddress(target.Host))
            throw ErrorCatalogue.TargetInvalid.For("the host", "it has a colon or a bracket but is not an IPv6 address; specify the port separately");
        ConnectionNames.Checked(target.Host, "the host");
        ConnectionNames.Checked(target.Username, "the user");
        ConnectionNames.Checked(target.Database, "the database");
        return target;
    }

    /// <summary>Whether a URL leads to a target's database, as its user: through the same server or pooler.</summary>
    internal static bool Names(string? url, DatabaseTarget target)
    {
        try
        {
            return url is not null && PostgresUrl.IsOne(url) && Parse(url) is { } named
                && (named.Address, named.Port, named.Username, named.Database) == (target.Address, target.Port, target.Username, target.Database);
        }
        catch (DbSafetyException)
        {
            return false;
        }
    }

    /// <summary>Without brackets and a port, which .NET accepts.</summary>
    internal static bool IsAddress(string text) => !text.AsSpan().ContainsAny('[', ']') && System.Net.IPAddress.TryParse(text, out _);

    internal static string DefaultHost(int port) =>
        Directory.Exists(DefaultSocketFolder) ? DefaultSocketFolder
        : !OperatingSystem.IsWindows() && File.Exists($"/tmp/.s.PGSQL.{port}") ? "/tmp"
        : "localhost";

    private static string? Variable(string name) => ProcessVariables.Of(name) is { Length: > 0 } value ? value : null;

    [GeneratedRegex("""[\s=@?;#'"`{}()<>|\\^$&*!+]|://""")]
    private static partial Regex NoHostPattern();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex VariablePattern();

    [GeneratedRegex(@"^prisma(?:\+postgres(?:ql)?)?://", RegexOptions.IgnoreCase)]
    private static partial Regex AcceleratePattern();

    [GeneratedRegex(@"^[a-z][a-z0-9+.:-]*://", RegexOptions.IgnoreCase)]
    private static partial Regex SchemePattern();
}
