using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Databases.Connections.Text;

/// <summary>
/// A connection URL as libpq reads it (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS): user, password, host
/// and port are optional, a socket folder is percent-encoded as the host or as <c>?host=</c>. Special characters in a password are accepted
/// only if no other client can read the URL as the address of another database; otherwise they must be encoded.
/// </summary>
internal static partial class PostgresUrl
{
    private const string Name = "the URL";

    public static bool IsOne(string text) =>
        text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Also with a driver's name, as SQLAlchemy has it: <c>postgresql+asyncpg://</c>.</summary>
    public static bool IsOneOrHasDriver(string text) => SchemePattern().IsMatch(text);

    /// <exception cref="DbSafetyException"><c>DBS105</c>, <c>DBS124</c>, <c>DBS127</c>; the text is not shown, because it can contain a password.</exception>
    public static ConnectionText Parse(string text)
    {
        var rest = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        if (rest.Any(char.IsControl))
            throw Unclear("it contains a control character");
        var login = Login(rest);
        rest = rest[(login is null ? 0 : login.Length + 1)..];
        var end = rest.IndexOfAny(['/', '?', '#']);
        // libpq ends the user information at the first @, and reads the rest as the first host.
        if (login?.Contains('@', StringComparison.Ordinal) == true && rest.AsSpan(0, end < 0 ? rest.Length : end).Contains(','))
            throw Unclear("it has several hosts, and an @ in user or password; encode it as %40");
        var (authority, tail) = end < 0 ? (rest, "") : (rest[..end], rest[end..]);
        if (tail.Contains('@', StringComparison.Ordinal))
            throw Unclear("it has an @ after a / or a ?; encode special characters in user, password and name (@ is %40, / is %2F, ? is %3F)");
        if (tail.Contains('#', StringComparison.Ordinal))
            throw Unclear("it has a # after the host; encode special characters in user, password and name (# is %23)");
        var (path, query) = Cut(tail, tail.IndexOf('?', StringComparison.Ordinal));
        var (user, password) = login is null ? (null, null) : Cut(login, login.IndexOf(':', StringComparison.Ordinal));
        var (host, port) = Places(authority);
        var parts = new UrlParts(Decode(user), Decode(password), Decode(host), Decode(port), Decode(path.Length > 0 ? path[1..] : path));
        return UrlQuery.Read(parts, Pairs(query));
    }

    /// <summary>
    /// As in libpq, up to an @ before the first slash. Other clients end the host part at a ? or a # too: a text that they would read
    /// as a host and a port is refused.
    /// </summary>
    private static string? Login(string rest)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var at = rest.IndexOf('@', 0, slash < 0 ? rest.Length : slash);
        if (at < 0)
            return null;
        var end = rest.IndexOfAny(['/', '?', '#'], at);
        at = rest.LastIndexOf('@', (end < 0 ? rest.Length : end) - 1);
        var login = rest[..at];
        var special = login.IndexOfAny(['?', '#']);
        if (special >= 0 && PlacePattern().IsMatch(login[..special]))
            throw Unclear("it has a ? or a # before the host; encode special characters in user and password (? is %3F, # is %23)");
        return login;
    }

    /// <summary>Hosts and ports, with commas between those of several servers.</summary>
    private static (string Host, string? Port) Places(string authority)
    {
        var places = authority.Split(',').Select(place =>
        {
            if (PlaceAndPortPattern().Match(place) is not { Success: true } match)
                throw Unclear("its host and port cannot be read; an IPv6 address needs [ ], special characters in user and password must be encoded");
            return (Host: match.Groups["address"] is { Success: true } address ? address.Value : match.Groups["host"].Value, Port: match.Groups["port"].Value);
        }).ToList();
        return (string.Join(',', places.Select(p => p.Host)), places.Any(p => p.Port.Length > 0) ? string.Join(',', places.Select(p => p.Port)) : null);
    }

    private static List<(string Name, string Value)> Pairs(string? query) =>
    [
        .. (query ?? "").Split('&').Where(pair => pair.Length > 0).Select(pair => pair.Split('=', 2) is [{ Length: > 0 } name, var value]
            ? (Decode(name)!, Decode(name == "options" ? value.Replace('+', ' ') : value) ?? "")
            : throw Unclear("a setting after its ? has no name and value (name=value)")),
    ];

    private static (string, string?) Cut(string text, int at) => at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);

    private static DbSafetyException Unclear(string why) => ErrorCatalogue.TargetInvalid.For(Name, why);

    private static string? Decode(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (BadEncodingPattern().IsMatch(text))
            throw Unclear("a % in it is not followed by two hexadecimal digits; encode it as %25");
        // Invalid UTF-8 is not decoded, and would be another name.
        var decoded = Uri.UnescapeDataString(text);
        return System.Web.HttpUtility.UrlDecodeToBytes(text.Replace("+", "%2B", StringComparison.Ordinal)).AsSpan().SequenceEqual(System.Text.Encoding.UTF8.GetBytes(decoded)) ? decoded : throw Unclear("its percent-encoding is not UTF-8");
    }

    [GeneratedRegex(@"^postgres(?:ql)?(?:\+[a-z0-9_]+)?://", RegexOptions.IgnoreCase)]
    private static partial Regex SchemePattern();

    /// <summary>A text that other clients would read as a host and a port.</summary>
    [GeneratedRegex(@"^[^:]*(?::\d*)?$")]
    private static partial Regex PlacePattern();

    [GeneratedRegex(@"^(?:\[(?<address>[^\[\]]+)\]|(?<host>[^:\[\]]*))(?::(?<port>[^:]*))?$")]
    private static partial Regex PlaceAndPortPattern();

    [GeneratedRegex("%(?![0-9A-Fa-f]{2})|%00")]
    private static partial Regex BadEncodingPattern();
}
