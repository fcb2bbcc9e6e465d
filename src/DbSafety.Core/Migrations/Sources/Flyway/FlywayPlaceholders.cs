using System.Text;
using DbSafety.Errors;

namespace DbSafety.Migrations.Sources.Flyway;

/// <summary>Replaces Flyway's placeholders with values, everywhere in a script, including comments (flyway-core, PlaceholderReplacingReader).</summary>
internal static class FlywayPlaceholders
{
    /// <exception cref="DbSafetyException"><c>DBS478</c> one has no value.</exception>
    public static string Replace(string text, string path, FlywaySettings settings)
    {
        var (prefix, suffix, separator) = settings.PlaceholderMarks;
        if (prefix.Length == 0 || suffix.Length == 0 || !text.Contains(prefix, StringComparison.Ordinal))
            return text;
        var values = Values(path, settings, separator);
        var replaced = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var start = text.IndexOf(prefix, at, StringComparison.Ordinal);
            replaced.Append(text, at, (start < 0 ? text.Length : start) - at);
            if (start < 0)
                break;
            var end = text.IndexOf(suffix, start + prefix.Length, StringComparison.Ordinal);
            var name = text[(start + prefix.Length)..(end < 0 ? text.Length : end)];
            if (!values.TryGetValue(name, out var value))
                throw ErrorCatalogue.PlaceholderMissing.For(path, $"{text.AsSpan(0, start).Count('\n') + 1}", $"{prefix}{name}{suffix}", name);
            replaced.Append(value);
            at = end + suffix.Length;
        }

        return replaced.ToString();
    }

    /// <summary>The values of the configuration; Flyway's own placeholders get their value if it is known without a database, otherwise a name.</summary>
    private static Dictionary<string, string> Values(string path, FlywaySettings settings, string separator)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in settings.Placeholders)
            values[name] = value;
        values["flyway" + separator + "defaultSchema"] = settings.Schema ?? "public";
        values["flyway" + separator + "user"] = "current_user";
        values["flyway" + separator + "database"] = "database";
        values["flyway" + separator + "timestamp"] = "2000-01-01 00:00:00";
        values["flyway" + separator + "filename"] = Path.GetFileName(path);
        values["flyway" + separator + "workingDirectory"] = settings.Project;
        values["flyway" + separator + "table"] = settings.Table ?? "flyway_schema_history";
        values["flyway" + separator + "environment"] = settings.Environment;
        return values;
    }
}
