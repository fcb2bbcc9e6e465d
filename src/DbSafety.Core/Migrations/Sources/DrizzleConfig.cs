using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// What <c>drizzle.config.*</c> says about migrations. It is a program: only what stands there as plain text can be read without running it.
/// </summary>
internal sealed record DrizzleConfig(string Path, string Out, string? Dialect, string? Schema, string? Table)
{
    private const int LevelsUp = 6;

    /// <summary>The configuration in this folder, where there is just one that is for PostgreSQL.</summary>
    public static DrizzleConfig? In(string folder) => ReadAll(folder).FirstOrDefault(c => c.Dialect is null or "postgresql" or "pg") ?? ReadAll(folder).FirstOrDefault();

    /// <summary>The configuration whose <c>out</c> is this folder, looked for upwards as far as the project may reach.</summary>
    public static DrizzleConfig? Of(string migrations)
    {
        var folder = Directory.GetParent(migrations);
        for (var level = 0; folder is not null && level < LevelsUp; level++, folder = folder.Parent)
        {
            if (ReadAll(folder.FullName).FirstOrDefault(c => c.Out == migrations) is { } config)
                return config;
            if (Directory.Exists(System.IO.Path.Combine(folder.FullName, ".git")))
                break;
        }

        return null;
    }

    private static IEnumerable<DrizzleConfig> ReadAll(string folder) =>
        Directory.EnumerateFiles(folder, "drizzle*")
            .Where(f => System.IO.Path.GetFileName(f).Contains("config", StringComparison.Ordinal) && System.IO.Path.GetExtension(f) is ".ts" or ".js" or ".mjs" or ".cjs" or ".mts" or ".cts" or ".json")
            .Order(StringComparer.Ordinal)
            .Select(Read);

    private static DrizzleConfig Read(string path)
    {
        var values = JavaScriptValues.Read(File.ReadAllText(path));
        var output = values.GetValueOrDefault("out") ?? "drizzle";
        var folder = System.IO.Path.GetDirectoryName(path)!;
        return new DrizzleConfig(path, System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, output))),
            values.GetValueOrDefault("dialect"), Plain(path, values, "migrations.schema"), Plain(path, values, "migrations.table"));
    }

    /// <summary>A ledger that is computed at run time must not be guessed: another one would look as if nothing had ever run.</summary>
    private static string? Plain(string path, IReadOnlyDictionary<string, string?> values, string name) =>
        !values.TryGetValue(name, out var value) ? null : value ?? throw ErrorCatalogue.DrizzleConfigUnreadable.For(path, name);
}
