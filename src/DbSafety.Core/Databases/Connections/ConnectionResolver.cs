using System.Globalization;
using System.Text.RegularExpressions;
using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;

namespace DbSafety.Databases.Connections;

/// <summary>
/// Puts together where a connection goes, as libpq does it: what was specified explicitly, then the URL or connection string, the service file, the
/// environment, and libpq's defaults. A host without the address that belongs to it is the one exception: see <see cref="CheckAddress"/>.
/// </summary>
internal sealed partial class ConnectionResolver
{
    private readonly List<ConnectionSettings> places;
    private readonly ConnectionText? text;

    private ConnectionResolver(DatabaseChoice given, ConnectionText? text)
    {
        var environment = ConnectionSettings.OfEnvironment();
        var service = text?.Settings["service"] ?? environment["service"];
        this.text = text;
        places = [Explicit(given), .. text is null ? Array.Empty<ConnectionSettings>() : [text.Settings]];
        if (given.OtherwiseDatabase is { } otherwise)
            places.Add(Named("dbname", otherwise));
        if (service is { Length: > 0 })
            places.Add(PgServiceFile.Read(service));
        places.Add(environment);
    }

    /// <param name="text">Null: the service file and the environment alone.</param>
    /// <param name="needsDatabase">The text, or what was specified beside it, has to name the database.</param>
    /// <exception cref="DbSafetyException"><c>DBS105</c>, <c>DBS124</c>, <c>DBS126</c>, <c>DBS127</c>.</exception>
    public static DatabaseTarget Resolve(DatabaseChoice given, ConnectionText? text, bool needsDatabase = false)
    {
        var resolver = new ConnectionResolver(given, text);
        if (needsDatabase && (given.Database ?? text?.Settings["dbname"] ?? given.OtherwiseDatabase) is null)
            throw ErrorCatalogue.DatabaseNotNamed.For(text?.Settings.Name ?? "the connection");
        return resolver.Target();
    }

    private DatabaseTarget Target()
    {
        CheckAddress();
        var (hosts, addresses, ports) = (List("host"), List("hostaddr"), List("port"));
        var count = Math.Max(hosts.Length, addresses.Length);
        if ((Value("host") is { Length: > 0 } && Value("hostaddr") is { Length: > 0 } && hosts.Length != addresses.Length) || (ports.Length != 1 && ports.Length != count))
            throw ErrorCatalogue.TargetInvalid.For(Place("port"), "the numbers of hosts, addresses and ports differ");
        var user = Value("user") ?? Environment.UserName;
        if (user.Length == 0)
            throw ErrorCatalogue.TargetInvalid.For(Place("user"), "the user name is empty");
        if (text?.Settings["user"] is { } login && login.Contains(':', StringComparison.Ordinal) && text.Settings["password"] is null)
            throw ErrorCatalogue.TargetInvalid.For("the user", "it has a colon, and there is no password: encode user and password separately, and do not encode the colon between them");
        var database = Value("dbname") ?? user;
        if (database.Length == 0)
            throw ErrorCatalogue.DatabaseNotNamed.For(Place("dbname"));
        var attributes = Value("target_session_attrs") is { Length: > 0 } wanted ? wanted : null;
        HostChoice.Check(attributes, Place("target_session_attrs"));
        var servers = Enumerable.Range(0, count).Select(i => Server(new DatabaseTarget
        {
            Host = hosts.ElementAtOrDefault(i) ?? "",
            HostAddress = addresses.ElementAtOrDefault(i) is { Length: > 0 } address ? address : null,
            Port = Port(ports.Length == 1 ? ports[0] : ports[i]),
            Username = user,
            Password = Value("password") is { Length: > 0 } password ? password : null,
            Database = database,
            Options = Value("options") is { Length: > 0 } options ? options : null,
            Schema = text?.Schema,
            IsPooler = text?.IsPooler ?? false,
        })).ToList();
        return count == 1 && attributes is null or "any" ? servers[0] : servers[0] with { Servers = new HostChoice(servers, attributes) };
    }

    private DatabaseTarget Server(DatabaseTarget server)
    {
        if (server.Host.Length == 0)
            server = server with { Host = server.HostAddress ?? DatabaseTargets.DefaultHost(server.Port) };
        server = DatabaseTargets.Checked(server);
        if (server.HostAddress is { } address && !DatabaseTargets.IsAddress(address))
            throw ErrorCatalogue.TargetInvalid.For(Place("hostaddr"), "hostaddr is not an IP address");
        server = WireSecurityReader.Apply(server, keyword => places.FirstOrDefault(p => p[keyword] is not null) is { } place ? (place[keyword]!, place.Name) : null);
        server = server with { Security = server.Security with { PrismaAccept = text?.PrismaAccept } };
        return server.Password is null ? server with { Password = PgPassFile.Find(server, Value("passfile") is { Length: > 0 } file ? file : null) } : server;
    }

    /// <summary>
    /// libpq connects to hostaddr, wherever it comes from, and uses host for the certificate alone. A PGHOSTADDR that was left in the environment would lead
    /// to another server than the host that was named.
    /// </summary>
    private void CheckAddress()
    {
        var (host, address) = (places.FindIndex(p => p["host"] is { Length: > 0 }), places.FindIndex(p => p["hostaddr"] is { Length: > 0 }));
        if (host >= 0 && address > host)
            throw ErrorCatalogue.TargetInvalid.For(places[host].Name, $"its host is overridden by hostaddr (PGHOSTADDR) of {places[address].Name}; remove one of them");
    }

    private string? Value(string keyword) => places.Select(p => p[keyword]).FirstOrDefault(v => v is not null);

    private string Place(string keyword) => places.FirstOrDefault(p => p[keyword] is not null)?.Name ?? "the connection";

    /// <summary>Blanks belong to a host: libpq does not find it, and takes the next one.</summary>
    private string[] List(string keyword) => (Value(keyword) ?? "").Split(',').Select(v => keyword == "port" ? v.Trim() : v).ToArray();

    private int Port(string text) =>
        text.Length == 0 ? 5432
        : PortPattern().IsMatch(text) && int.Parse(text, CultureInfo.InvariantCulture) is > 0 and < 65536 and var port ? port
        : throw ErrorCatalogue.TargetInvalid.For($"the port of {Place("port")}", "it is not a number from 1 to 65535");

    private static ConnectionSettings Explicit(DatabaseChoice given)
    {
        var settings = new ConnectionSettings("the parameters");
        settings.Set("host", given.Host);
        settings.Set("port", given.Port?.ToString(CultureInfo.InvariantCulture));
        settings.Set("user", given.Username);
        settings.Set("password", given.Password);
        settings.Set("dbname", given.Database);
        return settings;
    }

    private static ConnectionSettings Named(string keyword, string value)
    {
        var settings = new ConnectionSettings("the backup");
        settings.Set(keyword, value);
        return settings;
    }

    [GeneratedRegex(@"^\d{1,5}$")]
    private static partial Regex PortPattern();
}
