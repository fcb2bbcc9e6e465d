using DbSafety.Analysis;
using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>Every SQL script below a folder, for analysis. They are read when they are asked for.</summary>
internal static class ScriptFolder
{
    /// <summary>In the tool's order where the folder is one tool's, else by name; files that only undo others are marked as such. A single file will do too.</summary>
    public static IReadOnlyList<SqlScript> Find(string path)
    {
        var root = Path.GetFullPath(path);
        try
        {
            if (File.Exists(root))
                return [Script(root, Path.GetFileName(root))];
            if (!Directory.Exists(root))
                throw ErrorCatalogue.MigrationsNotFound.For(path, "there is no such folder");
            var place = JournalPlaces(root);
            var names = Directory.EnumerateFiles(root, "*.sql", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(root, f).Replace('\\', '/'))
                .Where(f => !f.Contains("node_modules/", StringComparison.Ordinal))
                .OrderBy(f => Path.GetDirectoryName(f) ?? "", PrismaOrder.Instance)
                .ThenBy(f => place(f))
                .ThenBy(f => Path.GetFileName(f) ?? "", SqlFileOrder.Instance)
                .ToList();
            if (names.Count == 0)
                throw ErrorCatalogue.MigrationsNotFound.For(path, "there is no *.sql in it");
            return [.. names.Select(n => Script(Path.Combine(root, n), n) with { IsUndo = SqlFileName.Read(Path.GetFileName(n)).Role == SqlFileRole.Undo })];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.FileUnreadable.Because(e, path, e.Message);
        }
    }

    /// <summary>Its place in Drizzle's journal, if that lists it; those that it does not come behind.</summary>
    private static Func<string, int> JournalPlaces(string root)
    {
        if (!File.Exists(Path.Combine(root, "meta", "_journal.json")))
            return _ => 0;
        var places = DrizzleFolder.Open(root, null).Files.Select((f, i) => (f.RelativePath, i)).ToDictionary(p => p.RelativePath, p => p.i, StringComparer.Ordinal);
        return name => places.GetValueOrDefault(name, int.MaxValue);
    }

    private static SqlScript Script(string path, string name) => new(name, () => ScriptReader.Open(path));
}
