using System.Text.RegularExpressions;
using DbSafety.Errors;
using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Migrations.Sources;

/// <summary>What graphile-migrate's <c>.gmrc</c> makes of the scripts: the values of their placeholders, and the scripts and commands that run before and after them (settings.ts, actions.ts, migration.ts).</summary>
internal sealed partial class GraphileSettings
{
    private static readonly string[] Names = [".gmrc", ".gmrc.js", ".gmrc.cjs"];

    private readonly string path;

    private readonly Dictionary<string, string?> placeholders = new(StringComparer.Ordinal) { [":DATABASE_NAME"] = "database_name", [":DATABASE_OWNER"] = "database_owner" };

    private readonly IReadOnlyDictionary<string, object> values;

    private GraphileSettings(string path, string text)
    {
        this.path = path;
        var exported = Exported().Match(text);
        values = path.EndsWith("js", StringComparison.Ordinal) && !exported.Success ? new Dictionary<string, object> { [ObjectLiteral.Computed] = ObjectLiteral.Computed }
            : ObjectLiteral.Read(text[(exported.Success ? exported.Index : 0)..]) ?? new Dictionary<string, object>();
        if (values.GetValueOrDefault("placeholders") is IReadOnlyDictionary<string, object> named)
        {
            foreach (var (name, value) in named)
                placeholders[name] = value is ObjectLiteral.Computed or not string ? null : (string)value == "!ENV" ? Environment.GetEnvironmentVariable(name[1..]) : (string)value;
        }
    }

    public static GraphileSettings Of(string folder) =>
        Names.Select(n => ProjectRoot.Above(folder, n) is { } project ? Path.Combine(project, n) : null).FirstOrDefault(f => f is not null) is { } file ? new GraphileSettings(file, File.ReadAllText(file)) : new GraphileSettings("", "");

    /// <exception cref="DbSafetyException"><c>DBS477</c> a placeholder of the script has a value that is not known here.</exception>
    public string Replace(string text, string script)
    {
        if (Computes("placeholders") && OwnPlaceholder().Match(text) is { Success: true } any)
            throw ErrorCatalogue.ToolFileUnreadable.For(script, "graphile-migrate", $"{path} computes its placeholders, and the script can contain one ({any.Value})");
        var regex = new Regex($"(?:{string.Join('|', placeholders.Keys.Where(k => k != ObjectLiteral.Computed).Select(Regex.Escape))})\\b");
        return regex.Replace(text, m => placeholders[m.Value] ?? throw ErrorCatalogue.ToolFileUnreadable.For(script, "graphile-migrate", $"{path} has no value for the placeholder {m.Value} that DbSafety can read"));
    }

    /// <summary>The actions that <c>migrate</c> runs if a migration is pending; what is a command is named.</summary>
    /// <exception cref="DbSafetyException"><c>DBS477</c> they are computed, or a script is not found.</exception>
    public static IReadOnlyList<(int Place, MigrationFile File)> Callbacks(string folder)
    {
        var settings = Of(folder);
        var root = Path.GetFileName(folder) == "committed" ? Path.GetDirectoryName(folder)! : folder;
        return [.. settings.Actions("beforeAllMigrations", root).Select(f => (0, f)), .. settings.Actions("afterAllMigrations", root).Select(f => (2, f))];
    }

    private IEnumerable<MigrationFile> Actions(string property, string root)
    {
        if (Computes(property))
            throw ErrorCatalogue.ToolFileUnreadable.For(path, "graphile-migrate", $"it computes {property}");
        var all = values.GetValueOrDefault(property) is { } found ? found as IEnumerable<object> ?? [found] : [];
        foreach (var action in all)
        {
            var parts = action as IReadOnlyDictionary<string, object>;
            if (action is ObjectLiteral.Computed || parts?.ContainsKey(ObjectLiteral.Computed) == true)
                throw ErrorCatalogue.ToolFileUnreadable.For(path, "graphile-migrate", $"it computes {property}");
            if (parts?.GetValueOrDefault("shadow") is "true")
                continue;
            if ((action as string)?.TrimStart('!') is { Length: > 0 } name || (name = parts?.GetValueOrDefault("file") as string) is { Length: > 0 })
            {
                var script = Path.Combine(root, name);
                if (!File.Exists(script))
                    throw ErrorCatalogue.ToolFileUnreadable.For(path, "graphile-migrate", $"{property} names {name}, which is not found in {root}");
                yield return new MigrationFile(name, script, name) { Bytes = File.ReadAllBytes(script), Rewrite = text => Replace(text, script) };
            }
            else if (parts?.GetValueOrDefault("command") is string command)
            {
                yield return new MigrationFile(property, path, Path.GetFileName(path)) { Bytes = [], NotAnalysed = [$"the command of {property} ({command})"] };
            }
        }
    }

    private bool Computes(string property) => values.GetValueOrDefault(property) is ObjectLiteral.Computed || (values.ContainsKey(ObjectLiteral.Computed) && !values.ContainsKey(property));

    [GeneratedRegex(@"module\.exports\s*=\s*\{|export\s+default\s*\{")]
    private static partial Regex Exported();

    [GeneratedRegex(@"(?<!:):[A-Z][0-9A-Z_]+\b")]
    private static partial Regex OwnPlaceholder();
}
