using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Databases;

/// <summary>
/// A connection URL as libpq reads it (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS): user, password, host
/// and port may be left out, a socket's folder stands percent-encoded as the host or as <c>?host=</c>. A password with unencoded
/// special characters is understood as long as it has no <c>?</c> after a <c>/</c>.
/// </summary>
internal sealed partial record PostgresUrl(string? User, string? Password, string? Host, string? Port, string? Database, ILookup<string, string> Query)
{
    public static bool IsOne(string text) =>
        text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="DbSafetyException"><c>DBS105</c>; the text is not repeated, for it may hold a password.</exception>
    public static PostgresUrl Parse(string text)
    {
        var rest = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var (beforeQuery, query) = Cut(rest, rest.IndexOf('?', LoginEnd(rest)));
        if ((query ?? "").Split('&').Any(p => p.Contains('@', StringComparison.Ordinal) && !NamedPattern().IsMatch(p)))
            throw ErrorCatalogue.TargetInvalid.For("the URL", "it has an @ after its ?; encode what is special in user and password (? is %3F, / is %2F)");
        var (login, place) = beforeQuery.LastIndexOf('@') is >= 0 and var at ? (beforeQuery[..at], beforeQuery[(at + 1)..]) : (null, beforeQuery);
        var (authority, database) = Cut(place, place.IndexOf('/', StringComparison.Ordinal));
        if (authority.Contains(',', StringComparison.Ordinal))
            throw ErrorCatalogue.TargetInvalid.For("the URL", "it names several hosts; name the one to work on");
        var (user, password) = login is null ? (null, null) : Cut(login, login.IndexOf(':', StringComparison.Ordinal));
        var portAt = authority.LastIndexOf(':');
        var (host, port) = portAt > authority.IndexOf(']', StringComparison.Ordinal) ? Cut(authority, portAt) : (authority, null);
        return new PostgresUrl(Decode(user), Decode(password), Decode(host)?.Trim('[', ']'), Decode(port), Decode(database), Pairs(query));
    }

    public string? Setting(string name) => Query[name].LastOrDefault() is { Length: > 0 } value ? value : null;

    /// <summary>As libpq has it, the login reaches up to an @ before the first slash, whatever it holds.</summary>
    private static int LoginEnd(string rest)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        return Math.Max(0, rest.IndexOf('@', 0, slash < 0 ? rest.Length : slash));
    }

    private static ILookup<string, string> Pairs(string? query) => (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .ToLookup(p => Uri.UnescapeDataString(p[0]), p => p.Length > 1 ? Uri.UnescapeDataString(p[1].Replace('+', ' ')) : "", StringComparer.Ordinal);

    private static (string, string?) Cut(string text, int at) => at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);

    [GeneratedRegex("^[A-Za-z_]+=")]
    private static partial Regex NamedPattern();

    private static string? Decode(string? text) => text is { Length: > 0 } ? Uri.UnescapeDataString(text) : null;
}
