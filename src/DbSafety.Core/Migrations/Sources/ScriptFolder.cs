using DbSafety.Analysis.Scripts;
using DbSafety.Errors;
using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Migrations.Sources;

/// <summary>The SQL scripts of a folder, for analysis. They are read on demand.</summary>
internal static class ScriptFolder
{
    /// <summary>
    /// Those that a run takes, in the same order; where the folder is no folder of migrations, every script below it by name. Files that only undo other files are
    /// marked. A single file is accepted, too.
    /// </summary>
    /// <param name="leftOut">Is called for each file that looks like a migration, and that the tool of the folder does not read.</param>
    public static IReadOnlyList<SqlScript> Find(string path, MigrationSource? source = null, Action<MigrationFile>? leftOut = null)
    {
        var root = Path.GetFullPath(path);
        try
        {
            if (File.Exists(root))
                return [Script(root, Path.GetFileName(root))];
            if (!Directory.Exists(root))
                throw ErrorCatalogue.MigrationsNotFound.For(path, "the folder does not exist");
            if (MigrationFolder.Recognised(root, source) is { } found)
                return OfTool(MigrationFolder.Open(found, root), root, leftOut);
            return SqlFolder.IsOne(root) || source == MigrationSource.Sql ? OfSqlFiles(root) : AllBelow(root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.FileUnreadable.Because(e, path, e.Message);
        }
    }

    private static IReadOnlyList<SqlScript> OfTool(MigrationFolder folder, string root, Action<MigrationFile>? leftOut)
    {
        foreach (var file in leftOut is null ? [] : folder.Files.Where(f => f.IsLeftOut))
            leftOut!(file);
        return [.. folder.WithCallbacks([.. folder.Files.Where(f => f.Bytes is not null && !f.IsUnlisted)]).Select(f => f.Script), .. Undo(folder.Root, root).Where(u => !folder.Files.Any(f => f.RelativePath == u.File))];
    }

    private static IReadOnlyList<SqlScript> OfSqlFiles(string root) => [.. SqlFolder.Listed(root).Select(n => Script(Path.Combine(root, n), n)), .. Undo(root, root)];

    private static List<SqlScript> AllBelow(string root)
    {
        var names = Below(root).OrderBy(f => Path.GetDirectoryName(f) ?? "", PrismaOrder.Instance).ThenBy(f => Path.GetFileName(f) ?? "", PlainOrder.Instance).ToList();
        if (names.Count == 0)
            throw MigrationTools.OfProject(root) is { } project ? ErrorCatalogue.ProgramProject.For(root, project.Tool.Name, project.File, project.Tool.Command) : ErrorCatalogue.MigrationsNotFound.For(root, "it contains no *.sql files");
        var undo = Undoing(names);
        return [.. names.Select(n => Script(Path.Combine(root, n), n) with { IsUndo = undo.Contains(n) })];
    }

    private static IEnumerable<SqlScript> Undo(string folder, string root) =>
        Undoing([.. Below(folder)]).Order(StringComparer.Ordinal).Select(n => Script(Path.Combine(folder, n), Path.GetRelativePath(root, Path.Combine(folder, n)).Replace('\\', '/')) with { IsUndo = true });

    private static IEnumerable<string> Below(string root) =>
        ProjectFolders.FilesBelow(root, "*.sql").Select(f => Path.GetRelativePath(root, f).Replace('\\', '/')).Where(f => !f.Contains("node_modules/", StringComparison.Ordinal));

    private static HashSet<string> Undoing(IReadOnlyList<string> names) =>
    [
        .. names.GroupBy(n => Path.GetDirectoryName(n) ?? "", StringComparer.Ordinal)
            .SelectMany(g => SqlFileName.ReadAll(g.Select(n => Path.GetFileName(n))).Where(n => n.Role == SqlFileRole.Undo).Select(n => g.Key.Length == 0 ? n.Name : $"{g.Key.Replace('\\', '/')}/{n.Name}")),
        .. names.Where(n => n.StartsWith("revert/", StringComparison.Ordinal)),
    ];

    private static SqlScript Script(string path, string name) => new(name, () => ScriptReader.Open(path));
}
