namespace DbSafety.Migrations.Sources;

/// <summary>
/// Migrations that are programs, above or below a folder of SQL files, wherever the project has them: such programs often load SQL files, which run twice or without the rest of the
/// migration if they are run by themselves.
/// </summary>
internal static class ProgramsNearby
{
    private const int LevelsDown = 4;

    private const int MaxFolders = 2000;

    /// <summary>A folder of migrations has little else in it.</summary>
    private const int MaxFiles = 5;

    private static readonly HashSet<string> Passed = ["node_modules", "vendor", "venv", "env", "site-packages", "dist", "build", "target", "bin", "obj", "__pycache__", "tests", "test"];

    private static readonly MigrationTool[] Tools = [.. MigrationTools.All.Where(t => t.Code is not null && t.CodeMark is not null)];

    /// <summary>A folder with such programs: the one above, with Alembic's <c>versions</c> and folders of migrations in it, or, for numbered files, one below; null: there is none.</summary>
    public static FoundFolder? Of(string root)
    {
        IEnumerable<string> above = Directory.GetParent(root) is { } parent ? [parent.FullName, Path.Combine(parent.FullName, "versions"), .. Siblings(parent.FullName)] : [];
        return above.Where(f => f != root && Directory.Exists(f)).Concat(SqlFolder.HasNumbered(root) ? Below(root) : []).Select(Judge).FirstOrDefault(f => f is not null);
    }

    /// <summary>By their names, folders of migrations.</summary>
    private static IEnumerable<string> Siblings(string parent) =>
        Directory.EnumerateDirectories(parent, "*mig*", ProjectFolders.Readable).Where(d => Path.GetFileName(d) is not ['.', ..] and var name && !Passed.Contains(name)).Order(StringComparer.Ordinal);

    /// <summary>Those near the top first.</summary>
    private static IEnumerable<string> Below(string root)
    {
        var folders = new List<string> { root };
        for (var (level, count) = (0, 0); level < LevelsDown && count < MaxFolders; level++)
        {
            folders = [.. folders.SelectMany(f => ProjectFolders.Subfolders(f).Where(d => Path.GetFileName(d) is not ['.', ..] and var name && !Passed.Contains(name)).Order(StringComparer.Ordinal)).Take(MaxFolders - count)];
            count += folders.Count;
            foreach (var folder in folders)
                yield return folder;
        }
    }

    private static FoundFolder? Judge(string folder)
    {
        var names = ProjectFolders.Files(folder, "*").Where(f => Path.GetExtension(f).Length > 0).Order(StringComparer.Ordinal).ToList();
        foreach (var tool in Tools)
        {
            if (names.Where(f => tool.Code!.IsMatch(Path.GetFileName(f))).Take(MaxFiles).FirstOrDefault(f => tool.CodeMark!.IsMatch(Head(f))) is { } program)
                return new FoundFolder(MigrationSource.Tool, folder, ProjectFolders.ByName, tool) { Program = program };
        }

        return null;
    }

    /// <summary>The parent folder can contain files of other users.</summary>
    private static string Head(string path)
    {
        try
        {
            return ProjectFolders.Head(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
