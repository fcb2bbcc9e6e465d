using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources.Reading;

/// <summary>
/// A file of <c>name=value</c> lines as Flyway reads it (flyway-core, ConfigUtils.loadConfigurationFromString): backslashes are themselves, but for one at the end of a line that
/// continues on the next line; <c>${NAME}</c> is a variable of the environment, empty if there is none.
/// </summary>
internal static partial class PropertiesFile
{
    public static Dictionary<string, string> Read(string text, bool expand = true)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var lines = text.TrimStart('\uFEFF').Split('\n').Select(l => l.Trim()).ToList();
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i];
            if (line.Length == 0 || line[0] is '#' or '!')
                continue;
            while (line.EndsWith('\\') && i + 1 < lines.Count && lines[i + 1].Length > 0 && !IsProperty(lines[i + 1]))
                line = line[..^1] + lines[++i];
            var mark = line.IndexOfAny(['=', ':', ' ', '\t']);
            var (name, rest) = mark < 0 ? (line, "") : (line[..mark], line[mark..].TrimStart());
            values[name] = Expanded(rest.StartsWith('=') || rest.StartsWith(':') ? rest[1..].TrimStart() : rest, expand);
        }

        return values;
    }

    private static bool IsProperty(string line) => line.StartsWith("flyway.", StringComparison.Ordinal) && line.Contains('=', StringComparison.Ordinal);

    private static string Expanded(string value, bool expand) => expand ? Variable().Replace(value, m => Environment.GetEnvironmentVariable(m.Groups[1].Value) ?? "") : value;

    [GeneratedRegex(@"\$\{([A-Za-z0-9_]+)\}")]
    private static partial Regex Variable();
}
