using System.Text.RegularExpressions;
using DbSafety.Errors;
using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Migrations.Sources;

/// <summary>The folders of migrations that a project's configuration files specify. A file that cannot be read is ignored.</summary>
internal static partial class ToolConfigs
{
    private const string MigrationsDir = "migrations-dir";

    private static readonly string[] GraphileFiles = [".gmrc", ".gmrc.js", ".gmrc.cjs"];

    /// <summary>A variable of <c>.env</c>, which dbmate reads; the environment overrides it.</summary>
    public static string? Variable(string? project, string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } set ? set
        : project is null ? null
        : Text(project, ".env") is { } text ? Regex.Match(text, $@"^\s*(?:export\s+)?{Regex.Escape(name)}\s*[=:]\s*(?:""([^""\r\n]*)""|'([^'\r\n]*)'|([^\s#]+))", RegexOptions.Multiline) is { Success: true } found
            ? found.Groups.Values.Skip(1).First(g => g.Success).Value : null
        : null;

    /// <summary>Of several folders, whose files dbmate runs in one order, the first that contains files.</summary>
    public static string? Dbmate(string? project) =>
        DbmateNames(project) is not { Count: > 0 } names ? null : names.Find(n => Path.Combine(project ?? "", n) is var folder && Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.sql").Any()) ?? names[0];

    /// <summary>All folders that dbmate reads where it reads this one.</summary>
    /// <exception cref="DbSafetyException"><c>DBS477</c> one of them is not found.</exception>
    public static IReadOnlyList<string> DbmateFolders(string folder)
    {
        for (var project = Directory.GetParent(folder); project is not null; project = project.Parent)
        {
            var all = DbmateNames(project.FullName).ConvertAll(n => Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(project.FullName, n))));
            if (all.Count < 2 || !all.Contains(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))))
                continue;
            return all.Find(f => !Directory.Exists(f)) is { } missing
                ? throw ErrorCatalogue.ToolFileUnreadable.For(Path.Combine(project.FullName, ".env"), "dbmate", $"DBMATE_MIGRATIONS_DIR names {missing}, which is not found")
                : [.. all.Distinct(StringComparer.Ordinal)];
        }

        return [folder];
    }

    private static List<string> DbmateNames(string? project) => [.. (Variable(project, "DBMATE_MIGRATIONS_DIR") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>goose reads <c>.env</c> of the folder in which it is started (https://pressly.github.io/goose/documentation/environment-variables/).</summary>
    public static string? Goose(string? project) => Variable(project, "GOOSE_MIGRATION_DIR");

    /// <summary><c>migrationsFolder</c> of <c>.gmrc</c>, which is JSON5.</summary>
    public static string? Graphile(string project) =>
        GraphileFiles.Select(f => Text(project, f)).FirstOrDefault(t => t is not null) is { } text ? JavaScriptValues.Read(text).GetValueOrDefault("migrationsFolder") : null;

    /// <summary><c>migrations-dir</c> of <c>.db-migraterc</c>, which is JSON or has lines of names and values.</summary>
    public static string? DbMigrate(string project) =>
        Text(project, ".db-migraterc") is not { } text ? null
        : text.TrimStart().StartsWith('{') ? ObjectLiteral.Read(text)?.GetValueOrDefault(MigrationsDir) as string
        : RcFolder().Match(text) is { Success: true } found ? found.Groups[1].Value : null;

    /// <summary><c>migrations-dir</c> of the section <c>db</c> of <c>config/default.json</c>.</summary>
    public static string? NodePgMigrate(string project) =>
        Text(project, Path.Combine("config", "default.json")) is { } text && ObjectLiteral.Read(text)?.GetValueOrDefault("db") is IReadOnlyDictionary<string, object> section ? section.GetValueOrDefault(MigrationsDir) as string : null;

    public static string? SqitchProject(string plan) => File.Exists(plan) && File.ReadAllText(plan) is var text && SqitchName().Match(text) is { Success: true } found ? found.Groups[1].Value : null;

    /// <summary><c>migrations_directory</c> of <c>config.yaml</c>.</summary>
    public static string? Hasura(string project) => Text(project, "config.yaml") is { } text && HasuraFolder().Match(text) is { Success: true } found ? found.Groups[1].Value : null;

    /// <summary><c>dir</c> of <c>dbconfig.yml</c>: that of <c>development</c>, which sql-migrate uses by default.</summary>
    public static string? SqlMigrate(string project) => SqlMigrateValue(project, "dir");

    public static string? SqlMigrateTable(string? project) => project is null ? null : SqlMigrateValue(project, "table");

    private static string? SqlMigrateValue(string project, string key) =>
        Text(project, "dbconfig.yml") is { } text && Regex.Match(text, $@"^development:[ \t]*\r?\n(?:[ \t]+.*\r?\n|\r?\n|#.*\r?\n)*?[ \t]+{key}:[ \t]*[""']?([^\s""'#]+)", RegexOptions.Multiline) is { Success: true } found ? found.Groups[1].Value : null;

    /// <summary><c>dir</c> of <c>[migrations_directory]</c> of <c>diesel.toml</c>.</summary>
    public static string? Diesel(string project) => Text(project, "diesel.toml") is { } text && DieselFolder().Match(text) is { Success: true } found ? found.Groups[1].Value : null;

    private static string? Text(string project, string name) => Path.Combine(project, name) is var path && File.Exists(path) ? File.ReadAllText(path) : null;

    [GeneratedRegex(@"^\s*migrations-dir\s*=\s*[""']?([^\s""'#;]+)", RegexOptions.Multiline)]
    private static partial Regex RcFolder();

    [GeneratedRegex(@"^%project=(\S+)", RegexOptions.Multiline)]
    private static partial Regex SqitchName();

    [GeneratedRegex(@"^\[migrations_directory\][^\[]*?^\s*dir\s*=\s*[""']([^""'\r\n]+)", RegexOptions.Multiline)]
    private static partial Regex DieselFolder();

    [GeneratedRegex(@"^migrations_directory:\s*[""']?([^\s""'#]+)", RegexOptions.Multiline)]
    private static partial Regex HasuraFolder();
}
