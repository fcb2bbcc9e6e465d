using System.Text;
using DbSafety.Errors;

namespace DbSafety.Databases;

/// <summary>
/// An env file as dotenv reads it (https://github.com/motdotla/dotenv#what-rules-does-the-parsing-engine-follow): optional <c>export</c>,
/// single and double quotes, <c>\n</c> in double quotes, comments after <c>#</c>, and <c>${NAME}</c> of lines above.
/// </summary>
public static class EnvFile
{
    /// <exception cref="DbSafetyException"><c>DBS106</c> when it cannot be read.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.EnvFileInvalid.Because(e, path, e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message);
        }
    }

    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Trim();
            if (line.StartsWith("export ", StringComparison.Ordinal))
                line = line[7..].TrimStart();
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || line[0] == '#')
                continue;
            values[line[..equals].TrimEnd()] = Value(line[(equals + 1)..].Trim(), values);
        }

        return values;
    }

    private static string Value(string text, Dictionary<string, string> known)
    {
        if (text.Length > 1 && text[0] is '\'' or '"' or '`' && text.IndexOf(text[0], 1) is > 0 and var end)
        {
            var quoted = text[1..end];
            return text[0] == '"' ? Expand(quoted.Replace("\\n", "\n", StringComparison.Ordinal), known) : quoted;
        }

        var comment = text.IndexOf(" #", StringComparison.Ordinal);
        return Expand(comment >= 0 ? text[..comment].TrimEnd() : text, known);
    }

    private static string Expand(string text, Dictionary<string, string> known)
    {
        if (!text.Contains("${", StringComparison.Ordinal))
            return text;
        var result = new StringBuilder();
        var at = 0;
        while (text.IndexOf("${", at, StringComparison.Ordinal) is >= 0 and var open && text.IndexOf('}', open) is > 0 and var close)
        {
            var name = text[(open + 2)..close];
            result.Append(text, at, open - at).Append(known.TryGetValue(name, out var value) ? value : Environment.GetEnvironmentVariable(name) ?? "");
            at = close + 1;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }
}
