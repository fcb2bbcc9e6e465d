using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Migrations.Sources;

/// <summary>The changelog that <c>liquibase.properties</c> of a project names (https://docs.liquibase.com/concepts/connections/creating-config-properties.html).</summary>
internal static class LiquibaseConfig
{
    private const string File = "liquibase.properties";

    /// <summary>Its full path; null: none is named, or it is not found in the project's folder or where Maven and Gradle keep resources.</summary>
    public static string? ChangeLog(string project)
    {
        var file = Path.Combine(project, File);
        if (!System.IO.File.Exists(file))
            return null;
        var values = PropertiesFile.Read(System.IO.File.ReadAllText(file), expand: false);
        if (Value(values, "changelogfile") is not { Length: > 0 } name)
            return null;
        name = (name.StartsWith("classpath:", StringComparison.Ordinal) ? name["classpath:".Length..] : name).TrimStart('/');
        var search = (Value(values, "searchpath") ?? Value(values, "classpath") ?? "").Split([',', ';', ':'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new[] { "", Path.Combine("src", "main", "resources") }.Concat(search).Select(f => Path.GetFullPath(Path.Combine(project, f, name))).FirstOrDefault(System.IO.File.Exists);
    }

    /// <summary>The values that the nearest configuration gives changelogs: <c>parameter.name=value</c>.</summary>
    public static IEnumerable<(string Name, string Value)> Parameters(string folder)
    {
        const string prefix = "parameter.";
        return ProjectRoot.Above(folder, File) is not { } project ? []
            : PropertiesFile.Read(System.IO.File.ReadAllText(Path.Combine(project, File)), expand: false).Where(p => p.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(p => (p.Key[prefix.Length..], p.Value));
    }

    /// <summary>Properties of commands have other names: <c>liquibase.command.changelogFile</c>, <c>changelog-file</c>.</summary>
    private static string? Value(Dictionary<string, string> values, string name) =>
        values.FirstOrDefault(v => v.Key[(v.Key.LastIndexOf('.') + 1)..].Replace("-", "", StringComparison.Ordinal).Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
