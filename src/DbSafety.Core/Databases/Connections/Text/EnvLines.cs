using System.Text.RegularExpressions;

namespace DbSafety.Databases.Connections.Text;

/// <summary>A variable of an env file, before anything in it is expanded.</summary>
/// <param name="Quote">The quotation mark around it, or null.</param>
/// <param name="IsCut">It has no quotes, and ends at a <c>#</c> without a space before it: dotenv reads that as a comment, other readers do not.</param>
internal sealed record EnvLine(string Value, char? Quote, bool IsCut);

/// <summary>The variables of an env file, by dotenv's own pattern.</summary>
internal static partial class EnvLines
{
    /// <summary>If several lines have the same name, the last is used.</summary>
    public static Dictionary<string, EnvLine> Read(string text)
    {
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var lines = new Dictionary<string, EnvLine>(StringComparer.Ordinal);
        foreach (Match match in LinePattern().Matches(text))
            lines[match.Groups[1].Value] = Line(match.Groups[2], text);
        return lines;
    }

    private static EnvLine Line(Group found, string text)
    {
        var value = found.Value.Trim();
        var quote = value.Length > 0 && value[0] is '\'' or '"' or '`' ? value[0] : (char?)null;
        var plain = QuotedPattern().Replace(value, "$2");
        if (quote == '"')
            plain = plain.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\r", "\r", StringComparison.Ordinal);
        var end = found.Index + found.Length;
        return new EnvLine(plain, quote, quote is null && found.Length > 0 && end < text.Length && text[end] == '#' && !char.IsWhiteSpace(text[end - 1]));
    }

    [GeneratedRegex("""^\s*(?:export\s+)?([A-Za-z0-9_.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\n]+)?\s*(?:#.*)?$""", RegexOptions.Multiline)]
    private static partial Regex LinePattern();

    [GeneratedRegex("""^(['"`])([\s\S]*)\1$""", RegexOptions.Multiline)]
    private static partial Regex QuotedPattern();
}
