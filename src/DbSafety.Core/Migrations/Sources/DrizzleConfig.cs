using DbSafety.Errors;
using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// What <c>drizzle.config.*</c> says about migrations. It is a program: only plain text in it can be read without running it.
/// </summary>
internal sealed record DrizzleConfig(string Path, string Out, string? Dialect, string? Schema, string? Table)
{
    private const int LevelsUp = 6;

    /// <summary>The names that drizzle-kit reads without <c>--config</c>: the first that exists.</summary>
    private static readonly string[] Defaults = ["drizzle.config.ts", "drizzle.config.js", "drizzle.config.json"];

    private bool IsForPostgres => Dialect is null or "postgresql" or "pg";

    /// <summary>The configuration of this folder that drizzle-kit takes; without one of the default name, all that are for PostgreSQL.</summary>
    public static IReadOnlyList<DrizzleConfig> In(string folder) => Choose(ReadAll(folder));

    /// <summary>The configuration whose <c>out</c> is this folder, searched upwards within the project.</summary>
    /// <exception cref="DbSafetyException"><c>DBS473</c> several name different tables for it.</exception>
    public static DrizzleConfig? Of(string migrations)
    {
        var folder = Directory.GetParent(migrations);
        for (var level = 0; folder is not null && level < LevelsUp; level++, folder = folder.Parent)
        {
            var own = Choose(ReadAll(folder.FullName).Where(c => c.Out == migrations));
            if (own.DistinctBy(c => (c.Schema, c.Table)).Count() > 1)
                throw ErrorCatalogue.ProjectAmbiguous.For(migrations, string.Join(", ", own.Select(c => c.Path)));
            if (own.Count > 0)
                return own[0];
            if (Directory.Exists(System.IO.Path.Combine(folder.FullName, ".git")))
                break;
        }

        return null;
    }

    private static List<DrizzleConfig> Choose(IEnumerable<DrizzleConfig> configs)
    {
        var all = configs.ToList();
        var choice = all.Where(c => c.IsForPostgres).ToList() is { Count: > 0 } postgres ? postgres : all;
        var usual = Defaults.Select(d => choice.Find(c => System.IO.Path.GetFileName(c.Path) == d)).FirstOrDefault(c => c is not null);
        return usual is null ? choice : [usual];
    }

    /// <summary>If there is a configuration of the default name, others of unknown dialect are ignored.</summary>
    private static IEnumerable<DrizzleConfig> ReadAll(string folder) =>
        Files(folder).ToList() is var files && files.Exists(IsDefault) ? files.Where(f => IsDefault(f) || JavaScriptValues.ExportsLiteral(File.ReadAllText(f))).Select(Read) : files.Select(Read);

    private static bool IsDefault(string path) => Defaults.Contains(System.IO.Path.GetFileName(path));

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "drizzle*")
            .Where(f => System.IO.Path.GetFileName(f).Contains("config", StringComparison.Ordinal) && System.IO.Path.GetExtension(f) is ".ts" or ".js" or ".mjs" or ".cjs" or ".mts" or ".cts" or ".json")
            .Order(StringComparer.Ordinal);

    private static DrizzleConfig Read(string path)
    {
        var text = File.ReadAllText(path);
        var values = JavaScriptValues.Read(text);
        if (!JavaScriptValues.ExportsLiteral(text))
            throw ErrorCatalogue.DrizzleConfigUnreadable.For(path, "what it exports");
        var output = Plain(path, values, "out") ?? "drizzle";
        var folder = System.IO.Path.GetDirectoryName(path)!;
        return new DrizzleConfig(path, System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, output))),
            values.GetValueOrDefault("dialect"), Plain(path, values, "migrations.schema"), Plain(path, values, "migrations.table"));
    }

    /// <summary>The location of a migration history that is computed at run time must not be guessed: another table would look as if nothing had been applied.</summary>
    private static string? Plain(string path, IReadOnlyDictionary<string, string?> values, string name) =>
        !JavaScriptValues.TryFind(values, name, out var value) ? null : value ?? throw ErrorCatalogue.DrizzleConfigUnreadable.For(path, name);
}
