using System.Text.RegularExpressions;

namespace DbSafety.Tools.Isolation;

/// <summary>The messages of PostgreSQL and other programs if no server responds, for example without a network.</summary>
internal static partial class NoServerResponse
{
    public static bool IsIn(string text) => Words().IsMatch(text);

    [GeneratedRegex(@"ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|EAI_AGAIN|ENOTFOUND|ENOENT.*\.s\.PGSQL|P1001|Can't reach database|could not connect|could not establish connection|connection to server .* failed|Connection refused|Network is unreachable|Temporary failure in name resolution|could not translate host name|UnknownHost", RegexOptions.IgnoreCase)]
    private static partial Regex Words();
}
