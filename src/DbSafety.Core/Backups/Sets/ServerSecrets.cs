using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Backups.Sets;

/// <summary>
/// Masks secrets in the configuration of a server. A secret can have any form, so a doubtful value is masked to its end: the original is still on the server, and a masked
/// line is a comment.
/// </summary>
internal static partial class ServerSecrets
{
    private const string Hidden = "***";

    /// <summary>The value of a setting of postgresql.conf.</summary>
    public static string Value(string name, string value) => value.Length > 0 && IsDoubtful(name, value) ? Hidden : value;

    /// <summary>pg_hba.conf or pg_ident.conf: of a line with a secret, everything after the secret's name is masked.</summary>
    public static string Lines(string text) => LogicalLine().Replace(text, m => Line(m.Value));

    private static bool IsDoubtful(string name, string value)
    {
        // Names of extensions and applications contain a dot; those of PostgreSQL are known.
        var isOwn = !name.Contains('.', StringComparison.Ordinal);
        return (isOwn ? OwnName() : OtherName()).IsMatch(name) || SecretWord().IsMatch(value) || Secrets.Mask(value) != value
            || ((!isOwn || CommandName().IsMatch(name)) && CommandDoubt().IsMatch(HarmlessOption().Replace(value, " ")));
    }

    private static string Line(string line)
    {
        // A backslash continues the line, also within a word (PostgreSQL 14 and later).
        var joined = Continuation().Replace(line, "").TrimEnd('\r');
        var masked = SecretOption().Match(joined) is { Success: true } secret ? joined[..(secret.Index + secret.Length)] + Hidden : Secrets.Mask(joined);
        if (masked == joined)
            return line;
        var same = joined.Zip(masked).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"{(joined.TrimStart().StartsWith('#') ? "" : "#")}{joined[..same]}{Hidden}";
    }

    [GeneratedRegex("passphrase_command$|passw(?!ord_encryption)|secret|token|credential", RegexOptions.IgnoreCase)]
    private static partial Regex OwnName();

    [GeneratedRegex(@"pass|pwd|(?:\b|_)pw(?:\b|_)|secret|token|credential|key|jwt|salt|auth|signature|hmac|dsn|private|pin\b", RegexOptions.IgnoreCase)]
    private static partial Regex OtherName();

    [GeneratedRegex("(?:command|cmd)$", RegexOptions.IgnoreCase)]
    private static partial Regex CommandName();

    /// <summary>A secret in a value: <c>token=…</c>, <c>--secret-key …</c>, <c>"api_key": …</c>, a login in a URL.</summary>
    [GeneratedRegex("""(?:secret|token|key|credential|passw(?:or)?d|pwd|sig(?:nature)?)[\w-]*["']*\s*[=:]|\b(?:bearer|basic)\s|://[^\s/]*@""", RegexOptions.IgnoreCase)]
    private static partial Regex SecretWord();

    /// <summary>What a command that copies a file by its name needs, as in the examples of PostgreSQL's manual.</summary>
    [GeneratedRegex("""(?:\btest|(?<![^\s])\[)\s+(?:!\s+)?-[a-z]\s|\s--(?:stanza|config)=[\w./-]+|(?<![\w])[A-Za-z]:(?=[\\/])""")]
    private static partial Regex HarmlessOption();

    /// <summary>An option, an assignment, an address or a structure.</summary>
    [GeneratedRegex("""(?<![^\s"'])(?<!,\s*)-{1,2}\w|[=@{}$`]|:(?!\d)""")]
    private static partial Regex CommandDoubt();

    [GeneratedRegex(@"(?:\\\r?\n|[^\n])+")]
    private static partial Regex LogicalLine();

    [GeneratedRegex(@"\\\r?\n")]
    private static partial Regex Continuation();

    /// <summary>The passwords of LDAP and RADIUS, and options that later versions may add.</summary>
    [GeneratedRegex("""(?:passw\w*|secrets?|token|credential\w*)["']?\s*=\s*""", RegexOptions.IgnoreCase)]
    private static partial Regex SecretOption();
}
