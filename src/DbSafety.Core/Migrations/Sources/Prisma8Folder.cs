using System.Text;
using System.Text.Json;
using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// Migrations of Prisma 8: <c>SPACE/STAMP_NAME/</c> with <c>ops.json</c>, what is run, and <c>migration.json</c>, from which state of the schema to which
/// (https://github.com/prisma/prisma-next, docs/architecture docs/subsystems/7. Migration System.md, ADR 192 and 228).
/// </summary>
internal static class Prisma8Folder
{
    private sealed record Package(string Space, MigrationFile File, string? From, string? To);

    /// <summary>Space by space, the application's own last; in each, in the order in which they follow from each other, else by name.</summary>
    /// <exception cref="DbSafetyException"><c>DBS477</c>.</exception>
    public static IReadOnlyList<MigrationFile> Read(string folder)
    {
        var all = ProjectFolders.FilesBelow(folder, "ops.json").Where(p => !p.Contains("node_modules", StringComparison.Ordinal)).Select(p => Open(folder, p)).ToList();
        return [.. all.GroupBy(p => p.Space, StringComparer.Ordinal).OrderBy(g => g.Key == "app").ThenBy(g => g.Key, StringComparer.Ordinal).SelectMany(Ordered).Select(p => p.File)];
    }

    private static List<Package> Ordered(IEnumerable<Package> packages)
    {
        var open = packages.OrderBy(p => p.File.Name, PrismaOrder.Instance).ToList();
        var (ordered, reached) = (new List<Package>(), new HashSet<string?>());
        while (open.Count > 0)
        {
            // A migration without a predecessor on disk, or in a cycle, is ordered by its name.
            var next = open.Find(p => p.From is null || reached.Contains(p.From)) ?? open.Find(p => !open.Exists(o => o != p && o.To == p.From)) ?? open[0];
            open.Remove(next);
            ordered.Add(next);
            reached.Add(next.To);
        }

        return ordered;
    }

    private static Package Open(string folder, string path)
    {
        var migration = Path.GetDirectoryName(path)!;
        var name = Path.GetRelativePath(folder, migration).Replace('\\', '/');
        // Where a space's own folder was specified, the history still has its name before the migration's.
        if (!name.Contains('/', StringComparison.Ordinal) && Path.GetFileName(folder) != "migrations")
            name = $"{Path.GetFileName(folder)}/{name}";
        var (text, other) = (new StringBuilder(), new List<string>());
        using (var operations = Json(path))
        {
            if (operations.RootElement.ValueKind != JsonValueKind.Array)
                throw ErrorCatalogue.ToolFileUnreadable.For(path, "Prisma 8", "it is not a list of operations");
            foreach (var operation in operations.RootElement.EnumerateArray())
                Collect(operation, text, other);
        }

        var (from, to, hash) = Identity(Path.Combine(migration, "migration.json"));
        return new Package(name.Split('/')[0], new MigrationFile(name, path, name + "/ops.json") { Bytes = Encoding.UTF8.GetBytes(text.ToString()), ToolHash = hash, NotAnalysed = other }, from, to);
    }

    /// <summary>The steps that are executed; the checks before and after them only query.</summary>
    private static void Collect(JsonElement operation, StringBuilder text, List<string> other)
    {
        var id = Value(operation, "id") ?? "an operation without an id";
        var any = false;
        if (operation.ValueKind == JsonValueKind.Object && operation.TryGetProperty("execute", out var steps) && steps.ValueKind == JsonValueKind.Array)
        {
            foreach (var step in steps.EnumerateArray())
            {
                any = true;
                if (Value(step, "sql") is { } sql)
                    text.Append(sql.TrimEnd().TrimEnd(';')).Append(";\n");
                else
                    other.Add($"{id}{(Value(step, "description") is { } what ? $" ({what})" : "")}");
            }
        }

        if (!any && operation.ValueKind == JsonValueKind.Object && !operation.TryGetProperty("execute", out _))
            other.Add(id);
    }

    private static (string? From, string? To, string? Hash) Identity(string path)
    {
        if (!File.Exists(path))
            return default;
        using var json = Json(path);
        return (Value(json.RootElement, "from"), Value(json.RootElement, "to"), Value(json.RootElement, "migrationHash"));
    }

    private static string? Value(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonDocument Json(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllText(path));
        }
        catch (JsonException e)
        {
            throw ErrorCatalogue.ToolFileUnreadable.For(path, "Prisma 8", e.Message);
        }
    }
}
