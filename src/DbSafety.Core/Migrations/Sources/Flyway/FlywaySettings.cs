using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Errors;
using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Migrations.Sources.Flyway;

/// <summary>A folder that Flyway searches, with all below it.</summary>
/// <param name="Pattern">What a path must match; null: any.</param>
internal sealed record FlywayLocation(string Folder, Regex? Pattern = null);

/// <summary>
/// The files that configure Flyway in a project: <c>flyway.toml</c> and <c>flyway.user.toml</c>, else <c>flyway.conf</c>, here or in <c>conf</c>, and environment variables named
/// <c>FLYWAY_…</c> above them (Flyway 13: flyway-commandline, ConfigurationManagerImpl; flyway-core, ConfigUtils and FlywayModel).
/// </summary>
internal sealed partial class FlywaySettings
{
    private static readonly string[] ClassPath = ["src/main/resources", ""];

    private const int LevelsUp = 6;

    private static readonly string[] Toml = ["conf/flyway.toml", "conf/flyway.user.toml", "flyway.toml", "flyway.user.toml"];

    private static readonly string[] Conf = ["conf/flyway.conf", "flyway.conf"];

    private readonly IReadOnlyDictionary<string, string> values;

    private FlywaySettings(string project, string? file, IReadOnlyDictionary<string, string> values) => (Project, File, this.values) = (project, file, values);

    /// <summary>The folder that Flyway runs in.</summary>
    public string Project { get; }

    /// <summary>The configuration file; of several, the last, which overrides the others. Null: there is none.</summary>
    public string? File { get; }

    public string VersionedPrefix => Value("sqlMigrationPrefix") ?? "V";

    public string BaselinePrefix => Value("baselineMigrationPrefix") ?? "B";

    public string UndoPrefix => Value("undoSqlMigrationPrefix") ?? "U";

    public string RepeatablePrefix => Value("repeatableSqlMigrationPrefix") ?? "R";

    public string Separator => Value("sqlMigrationSeparator") is { Length: > 0 } separator ? separator : "__";

    public IReadOnlyList<string> Suffixes => Items("sqlMigrationSuffixes") is { Count: > 0 } suffixes ? suffixes : [".sql"];

    public bool ReplacesPlaceholders => Value("placeholderReplacement") != "false";

    public (string Prefix, string Suffix, string Separator) PlaceholderMarks => (Value("placeholderPrefix") ?? "${", Value("placeholderSuffix") ?? "}", Value("placeholderSeparator") ?? ":");

    public IEnumerable<KeyValuePair<string, string>> Placeholders =>
        values.Where(v => v.Key.StartsWith("placeholders.", StringComparison.Ordinal)).Select(v => KeyValuePair.Create(v.Key["placeholders.".Length..], v.Value));

    public string? Table => Value("table");

    /// <summary>The schema that is first in the search_path and contains the history; null: the session's default.</summary>
    public string? Schema => Value("defaultSchema") ?? Items("schemas").FirstOrDefault();

    public bool IsOutOfOrder => Value("outOfOrder") == "true";

    /// <summary>The baseline version of a database with tables and without a history; null: Flyway rejects such a database.</summary>
    public string? BaselineOnMigrate => Value("baselineOnMigrate") == "true" ? Value("baselineVersion") ?? "1" : null;

    /// <summary>It does not migrate if a versioned script is not the file that ran.</summary>
    public bool ComparesChecksums => Value("validateOnMigrate") != "false";

    /// <summary>The last version that is run; null: no limit.</summary>
    public string? Target => Value("target") is { Length: > 0 } target && target != "latest" ? target.TrimEnd('?') : null;

    /// <summary>There is a list of locations.</summary>
    public bool NamesLocations => Items("locations").Count > 0;

    public string Environment => Value("environment") ?? "default";

    /// <summary>The encoding of files, unless a file's own configuration specifies another.</summary>
    public Encoding Encoding(string? own = null)
    {
        var name = own ?? Value("encoding") ?? "UTF-8";
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? System.Text.Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            throw Unreadable($"the encoding {name} is not supported");
        }
    }

    /// <summary>The settings of this folder; null: it contains no configuration of Flyway.</summary>
    /// <exception cref="DbSafetyException"><c>DBS477</c>.</exception>
    public static FlywaySettings? In(string project)
    {
        var toml = Toml.Select(f => Path.Combine(project, f)).Where(System.IO.File.Exists).ToList();
        var files = toml.Count > 0 ? toml : [.. Conf.Select(f => Path.Combine(project, f)).Where(System.IO.File.Exists)];
        if (files.Count == 0)
            return null;
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            try
            {
                var text = System.IO.File.ReadAllText(file);
                foreach (var (name, value) in toml.Count > 0 ? TomlValues.Read(text) : PropertiesFile.Read(text))
                    all[name] = toml.Count > 0 ? EnvironmentResolver().Replace(value, m => System.Environment.GetEnvironmentVariable(m.Groups[1].Value) ?? m.Value) : value;
            }
            catch (FormatException e)
            {
                throw ErrorCatalogue.ToolFileUnreadable.For(file, "Flyway", e.Message);
            }
        }

        return new FlywaySettings(project, files[^1], Chosen(all));
    }

    /// <summary>The settings for a folder of scripts: the nearest in its parent folders.</summary>
    /// <exception cref="DbSafetyException"><c>DBS477</c>.</exception>
    public static FlywaySettings Of(string folder)
    {
        var project = new DirectoryInfo(folder);
        for (var level = 0; project is not null && level <= LevelsUp; level++, project = project.Parent)
        {
            if (In(project.FullName) is { } own)
                return own;
            if (Directory.Exists(Path.Combine(project.FullName, ".git")))
                break;
        }

        return new FlywaySettings(folder, null, Chosen([]));
    }

    /// <summary>The folders that are searched for migrations: the configured locations, if this folder is one of them or in one of them; otherwise only this folder.</summary>
    /// <exception cref="DbSafetyException"><c>DBS477</c>.</exception>
    public IReadOnlyList<FlywayLocation> Locations(string folder)
    {
        if (!NamesLocations)
            return [new FlywayLocation(folder)];
        var all = ConfiguredLocations();
        return all.Any(l => IsIn(folder, l.Folder)) ? all : [new FlywayLocation(folder)];
    }

    /// <exception cref="DbSafetyException"><c>DBS477</c>.</exception>
    public IReadOnlyList<FlywayLocation> ConfiguredLocations() => Existing("locations");

    /// <summary>Additional folders that contain only callbacks.</summary>
    /// <exception cref="DbSafetyException"><c>DBS477</c>.</exception>
    public IReadOnlyList<FlywayLocation> CallbackLocations() => Existing("callbackLocations");

    public static bool IsIn(string folder, string location) => folder == location || folder.StartsWith(location + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    public DbSafetyException Unreadable(string why) => ErrorCatalogue.ToolFileUnreadable.For(File ?? Project, "Flyway", why);

    /// <summary>A location within another location is searched once; a location that does not exist is skipped, as by Flyway.</summary>
    private List<FlywayLocation> Existing(string name)
    {
        var found = Items(name).Select(Location).OfType<FlywayLocation>().Where(l => Directory.Exists(l.Folder)).DistinctBy(l => (l.Folder, l.Pattern?.ToString())).ToList();
        return [.. found.Where(l => l.Pattern is not null || !found.Any(o => o != l && o.Pattern is null && o.Folder != l.Folder && IsIn(l.Folder, o.Folder)))];
    }

    private FlywayLocation? Location(string descriptor)
    {
        var (kind, path) = descriptor.Split(':', 2) is [{ Length: > 1 } prefix, var rest] ? (prefix, rest) : ("classpath", descriptor);
        if (path.Contains("${", StringComparison.Ordinal))
            throw Unreadable($"the location {descriptor} is computed");
        path = path.Replace('\\', '/').TrimEnd('/');
        return kind.ToLowerInvariant() switch
        {
            "filesystem" => Wildcards(Project, path),
            // The folders that the build adds to the class path, or the configuration's folder.
            "classpath" => ClassPath.Select(r => Wildcards(Path.Combine(Project, r), path.TrimStart('/'))).FirstOrDefault(l => Directory.Exists(l.Folder))
                ?? throw Unreadable($"the location {descriptor} is not in src/main/resources"),
            _ => throw Unreadable($"the location {descriptor} is not a folder on this machine"),
        };
    }

    /// <summary><c>*</c> and <c>?</c> in a name, <c>**</c> for any folders (flyway-core, LocationParser).</summary>
    private static FlywayLocation Wildcards(string project, string path)
    {
        var parts = path.Split('/');
        var plain = parts.TakeWhile(p => !p.Contains('*', StringComparison.Ordinal) && !p.Contains('?', StringComparison.Ordinal)).ToList();
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(project, string.Join('/', plain) is { Length: > 0 } start ? start : path.StartsWith('/') ? "/" : ".")));
        if (plain.Count == parts.Length)
            return new FlywayLocation(root);
        var pattern = new StringBuilder("^" + Regex.Escape(root.Replace('\\', '/') + "/"));
        var rest = parts[plain.Count..];
        for (var i = 0; i < rest.Length; i++)
            pattern.Append(rest[i] == "**" ? "([^/]+/)*?" : Regex.Escape(rest[i]).Replace("\\*", "[^/]+?", StringComparison.Ordinal).Replace("\\?", "[^/]", StringComparison.Ordinal) + (i < rest.Length - 1 ? "/" : ""));
        pattern.Append(rest[^1] != "**" && rest[^1].Contains('.', StringComparison.Ordinal) ? "$" : rest[^1] == "**" ? ".*$" : "/.*$");
        return new FlywayLocation(root, new Regex(pattern.ToString(), RegexOptions.CultureInvariant));
    }

    /// <summary>The values of the namespace <c>flyway</c>, overridden by those of the selected environment, overridden by environment variables.</summary>
    private static Dictionary<string, string> Chosen(Dictionary<string, string> all)
    {
        var chosen = all.Where(v => v.Key.StartsWith("flyway.", StringComparison.Ordinal)).ToDictionary(v => v.Key["flyway.".Length..], v => v.Value, StringComparer.Ordinal);
        var environment = $"environments.{System.Environment.GetEnvironmentVariable("FLYWAY_ENVIRONMENT") ?? chosen.GetValueOrDefault("environment", "default")}.";
        foreach (var (name, value) in all.Where(v => v.Key.StartsWith(environment, StringComparison.Ordinal)))
        {
            var own = name[environment.Length..];
            if (own == "schemas")
                chosen[own] = value;
            else if (own.StartsWith("flyway.", StringComparison.Ordinal))
                chosen[own["flyway.".Length..]] = value;
        }

        foreach (System.Collections.DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
        {
            if ((string)variable.Key is { } name && name.StartsWith("FLYWAY_", StringComparison.Ordinal))
                chosen[PropertyOf(name["FLYWAY_".Length..])] = (string?)variable.Value ?? "";
        }

        return chosen;
    }

    /// <summary><c>SQL_MIGRATION_PREFIX</c> is <c>sqlMigrationPrefix</c>; <c>PLACEHOLDERS_X_Y</c> is <c>placeholders.x_y</c>.</summary>
    private static string PropertyOf(string variable)
    {
        if (variable.StartsWith("PLACEHOLDERS_", StringComparison.Ordinal))
            return "placeholders." + variable["PLACEHOLDERS_".Length..].ToLowerInvariant();
        var words = variable.ToLowerInvariant().Split('_');
        return string.Concat(words.Select((w, i) => i == 0 || w.Length == 0 ? w : char.ToUpperInvariant(w[0]) + w[1..]));
    }

    private string? Value(string name) => values.GetValueOrDefault(name);

    private List<string> Items(string name) => [.. (Value(name) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    [GeneratedRegex(@"\$\{env\.([A-Za-z0-9_]+)\}")]
    private static partial Regex EnvironmentResolver();
}
