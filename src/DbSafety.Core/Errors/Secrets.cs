using System.Text.RegularExpressions;

namespace DbSafety.Errors;

/// <summary>Masks passwords in text for users and logs. If in doubt, it masks too much rather than too little.</summary>
internal static partial class Secrets
{
    private const string Hidden = "***";

    public static string Mask(string text) =>
        SqlPattern().Replace(OptionPattern().Replace(AssignmentPattern().Replace(UrlPattern().Replace(PostgresPattern().Replace(text, Hidden), Hidden), Hidden), Hidden), Hidden);

    /// <summary>The password of a PostgreSQL URL, also if it contains spaces or ends the URL; not a port after a host.</summary>
    [GeneratedRegex(@"(?<=(?:postgres|postgresql|prisma)(?:\+\w+)?:/{1,2}(?!\[)[^\s/:@]*:)(?!\d{1,5}(?:[/?,\s""')]|$))(?:\S+(?=@)|[^\n@]+(?=@)|\S+)", RegexOptions.IgnoreCase)]
    private static partial Regex PostgresPattern();

    /// <summary>From the first colon of the login to the last @ of the word: a password that is not encoded can contain the other ones.</summary>
    [GeneratedRegex(@"(?<=://[^\s/:]*:)\S*(?=@)", RegexOptions.IgnoreCase)]
    private static partial Regex UrlPattern();

    /// <summary>password=…, PGPASSWORD=…, ?password=…, --password=…: also quoted, with spaces around the sign, and as JSON.</summary>
    [GeneratedRegex("""(?<=(?:(?:passw(?:or)?[dt]|passphrase|pwd|psw|_pass)["']?\s*[=:]|\b(?:pass|pw)(?:["']\s*:|["']?\s*=))\s*)(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[^\s&;"'])(?:"(?:\\.|[^"\\])*"|\\.|[^\s&;])*""", RegexOptions.IgnoreCase)]
    private static partial Regex AssignmentPattern();

    /// <summary>--password … as two arguments.</summary>
    [GeneratedRegex(@"(?<=(?:^|\s)--?(?:[a-z]+-)*(?:passw(?:or)?d|passphrase|pwd|pass)\s+)[^\s-]\S*", RegexOptions.IgnoreCase)]
    private static partial Regex OptionPattern();

    /// <summary>CREATE ROLE … PASSWORD '…', and the option of a user mapping; the text can end inside the literal.</summary>
    [GeneratedRegex(@"(?<=\bpassword\s+(?:E|U&)?)(?:'(?:''|\\.|[^'\\])*(?:'|\\?$)|\$(?<tag>\w*)\$.*?(?:\$\k<tag>\$|$))", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex SqlPattern();
}
