using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Databases.Connections.Text;

/// <summary>Detects a URL or a connection string in place of a name: it would be shown with its password wherever the name is shown.</summary>
public static partial class ConnectionNames
{
    /// <param name="what">The object of the name, for the message.</param>
    /// <exception cref="DbSafetyException"><c>DBS105</c>.</exception>
    public static string Checked(string name, string what) =>
        IsConnection(name) ? throw ErrorCatalogue.TargetInvalid.For(what, "it is a connection string, not a name") : name;

    public static bool IsConnection(string text) => UrlPattern().IsMatch(text) || PairPattern().IsMatch(text) || LoginPattern().IsMatch(text);

    [GeneratedRegex(@"(?:postgres|postgresql|prisma)(?:\+\w+)?:|://", RegexOptions.IgnoreCase)]
    private static partial Regex UrlPattern();

    /// <summary>The rest of a connection string whose parts are not separated correctly.</summary>
    [GeneratedRegex(@"(?:^|[\s;,&?'""])(?:\w*passw\w*|\w*_?pass|passphrase|psw|pwd|pw|secret|host|hostaddr|server|port|dbname|user|username|sslmode|service|passfile|options)\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex PairPattern();

    /// <summary>user:password@host; not a path on a drive.</summary>
    [GeneratedRegex(@"^[^\s:@/]+:(?![\\/:]).+@[\w.\[:-]", RegexOptions.Singleline)]
    private static partial Regex LoginPattern();
}
