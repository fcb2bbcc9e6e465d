using System.Text.Json;
using DbSafety.Errors;
using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// Where Prisma has a project's migrations: <c>migrations.path</c> of <c>prisma.config.*</c>, else beside the schema that it, or <c>package.json</c>, names
/// (https://www.prisma.io/docs/orm/reference/prisma-config-reference). The configuration is a program: only what stands there as plain text can be read.
/// </summary>
internal static class PrismaConfig
{
    private static readonly string[] Endings = [".js", ".ts", ".mjs", ".cjs", ".mts", ".cts"];

    private static readonly string[] UsualSchemas = ["schema.prisma", "prisma/schema.prisma"];

    /// <summary>The folder that Prisma uses, whether it exists or not; null: nothing in this folder names one.</summary>
    /// <exception cref="DbSafetyException"><c>DBS475</c> it is computed.</exception>
    public static string? MigrationsOf(string project)
    {
        if (Find(project) is { } config)
        {
            var text = File.ReadAllText(config);
            var values = JavaScriptValues.Read(text);
            if (!JavaScriptValues.ExportsLiteral(text))
                throw ErrorCatalogue.PrismaConfigUnreadable.For(config, "what it exports");
            if (JavaScriptValues.TryFind(values, "migrations.path", out var path))
                return Full(Path.GetDirectoryName(config)!, path ?? throw ErrorCatalogue.PrismaConfigUnreadable.For(config, "migrations.path"));
            if (JavaScriptValues.TryFind(values, "schema", out var schema))
                return Beside(Full(Path.GetDirectoryName(config)!, schema ?? throw ErrorCatalogue.PrismaConfigUnreadable.For(config, "schema")));
        }
        else if (SchemaOfPackage(Path.Combine(project, "package.json")) is { } named)
        {
            return Beside(Full(project, named));
        }

        // As Prisma looks for it.
        return UsualSchemas.Select(s => Full(project, s)).FirstOrDefault(File.Exists) is { } found ? Beside(found) : null;
    }

    /// <summary>Prisma takes its configuration, and what is relative to it, from this folder.</summary>
    public static bool HasOne(string project) => Find(project) is not null || SchemaOfPackage(Path.Combine(project, "package.json")) is not null;

    private static string? Find(string project) =>
        Endings.SelectMany(e => new[] { "prisma.config" + e, Path.Combine(".config", "prisma" + e) }).Select(n => Path.Combine(project, n)).FirstOrDefault(File.Exists);

    /// <summary>Of a folder of schemas: beside the file that has the datasource.</summary>
    private static string Beside(string schema)
    {
        if (!Directory.Exists(schema))
            return Path.Combine(Path.GetDirectoryName(schema)!, "migrations");
        var main = ProjectFolders.FilesBelow(schema, "*.prisma").Order(StringComparer.Ordinal)
            .FirstOrDefault(f => File.ReadLines(f).Any(l => l.TrimStart().StartsWith("datasource ", StringComparison.Ordinal)));
        return Path.Combine(main is null ? schema : Path.GetDirectoryName(main)!, "migrations");
    }

    private static string? SchemaOfPackage(string package)
    {
        if (!File.Exists(package))
            return null;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(package));
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("prisma", out var prisma) && prisma.ValueKind == JsonValueKind.Object
                && prisma.TryGetProperty("schema", out var schema) && schema.ValueKind == JsonValueKind.String ? schema.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Full(string folder, string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(folder, path)));
}
