using System.IO.Enumeration;
using DbSafety.Migrations.Sources.Flyway;

namespace DbSafety.Migrations.Sources;

/// <summary>A folder of migrations, and the tool that it belongs to.</summary>
/// <param name="Tool">Null: Prisma's, Drizzle's or plain SQL files.</param>
/// <param name="Weight">The certainty; the highest counts.</param>
internal sealed record FoundFolder(MigrationSource Source, string Folder, int Weight, MigrationTool? Tool = null)
{
    public DrizzleConfig? Config { get; init; }

    /// <summary>A program is among its files.</summary>
    public string? Program { get; init; }

    public string Kind => Tool?.Name ?? (Source == MigrationSource.Sql ? "SQL files" : Source.ToString());
}

/// <summary>Determines which tools' migrations are in a folder, or in the subfolders where the tools search for them.</summary>
internal static class ProjectFolders
{
    private const int Certain = 5;

    private const int ByContent = 4;

    private const int ByMark = 3;

    private const int BySign = 2;

    public const int ByName = 1;

    /// <summary>How much of a script is read to find a tool's marks.</summary>
    private const int HeadLength = 256 * 1024;

    private const int LevelsUp = 6;

    /// <summary>A project's folder can contain files that only other users can read, such as a server's data.</summary>
    public static EnumerationOptions Readable { get; } = new() { IgnoreInaccessible = true, AttributesToSkip = 0, MatchCasing = MatchCasing.CaseInsensitive };

    /// <summary>Of a folder that was found in another one, and that another program can have removed since: it then has none.</summary>
    public static IReadOnlyList<string> Subfolders(string folder) => Existing(() => Directory.GetDirectories(folder, "*", Readable));

    /// <inheritdoc cref="Subfolders"/>
    public static IReadOnlyList<string> Files(string folder, string pattern) => Existing(() => Directory.GetFiles(folder, pattern, Readable));

    private static string[] Existing(Func<string[]> find)
    {
        try
        {
            return find();
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>All files below a folder. A link to a parent folder is not followed.</summary>
    public static IEnumerable<string> FilesBelow(string folder, string pattern) => FilesBelow(folder, pattern, []);

    /// <param name="links">The targets of the links on the path.</param>
    private static IEnumerable<string> FilesBelow(string folder, string pattern, IReadOnlyList<string> links)
    {
        foreach (var file in Directory.EnumerateFiles(folder, pattern, Readable))
            yield return file;
        foreach (var below in Directory.EnumerateDirectories(folder, "*", Readable))
        {
            var target = Target(below);
            if (target is not null && ((below + "/").StartsWith(target + "/", StringComparison.Ordinal) || links.Contains(target)))
                continue;
            foreach (var file in FilesBelow(below, pattern, target is null ? links : [.. links, target]))
                yield return file;
        }
    }

    private static string? Target(string folder)
    {
        try
        {
            return Directory.ResolveLinkTarget(folder, returnFinalTarget: true) is { } target ? Path.TrimEndingDirectorySeparator(target.FullName) : null;
        }
        catch (IOException)
        {
            // A link to itself.
            return Path.TrimEndingDirectorySeparator(folder);
        }
    }

    /// <summary>For each folder, the match with the highest certainty.</summary>
    public static IReadOnlyList<FoundFolder> In(string root)
    {
        var heads = new Dictionary<string, string>(StringComparer.Ordinal);
        var found = new List<FoundFolder>();
        found.AddRange(PrismaFolder.Below(root).Select(f => new FoundFolder(MigrationSource.Prisma, f, Certain)));
        found.AddRange(DrizzleFolder.Below(root).Select(d => new FoundFolder(MigrationSource.Drizzle, d.Folder, Certain) { Config = d.Config }));
        foreach (var tool in MigrationTools.All)
        {
            IReadOnlyList<string> usual = tool.ConfiguredFolder(root) is { } configured ? [configured] : tool.Folders;
            foreach (var folder in usual.Select(f => Path.Combine(root, f)).Prepend(root).Where(Directory.Exists).Select(f => Path.TrimEndingDirectorySeparator(Path.GetFullPath(f))).Distinct(StringComparer.Ordinal))
            {
                if (Judge(tool, folder, heads) is { } judged)
                    found.Add(judged);
            }
        }

        // If the configuration specifies a folder, the default folder does not belong to another tool with the same layout.
        found.RemoveAll(f => f.Tool.IsShape() && f.Folder != root && MigrationTools.All.Any(t => t.ConfiguredFolder(root) is { } own && t.Folders.Any(u => Path.GetFullPath(Path.Combine(root, u)) == f.Folder)
            && found.Exists(o => o.Tool == t && o.Folder == Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(root, own))) && o.Folder != f.Folder)));
        FlywayOnly(root, found);
        // The parent folder shows which tool these scripts belong to.
        if (Path.GetFileName(root) is "deploy" or "revert" or "verify" && Path.GetDirectoryName(root) is { } above && File.Exists(Path.Combine(above, "sqitch.plan")))
            return [new FoundFolder(MigrationSource.Tool, above, ByContent, MigrationTools.Sqitch)];
        // Next to a tool's folder, a few SQL files are not migrations unless they are numbered.
        if (!found.Exists(f => f.Folder == root) && SqlFolder.HasNumbered(root))
            found.Add(new FoundFolder(MigrationSource.Sql, root, ByName));
        var best = found.GroupBy(f => f.Folder, StringComparer.Ordinal).SelectMany(g => g.Where(f => f.Weight == g.Max(o => o.Weight))).ToList();
        return [.. best.Where(f => !f.Tool.IsShape() || !best.Exists(o => o != f && o.Folder == f.Folder && !o.Tool.IsShape()))];
    }

    /// <summary>If Flyway is configured for other folders than its default folders, it reads only those.</summary>
    private static void FlywayOnly(string root, List<FoundFolder> found)
    {
        if (FlywaySettings.In(root) is not { NamesLocations: true } settings)
            return;
        found.RemoveAll(f => f.Tool == MigrationTools.Flyway);
        if (settings.ConfiguredLocations().FirstOrDefault(l => MigrationTools.Flyway.Read(l.Folder).Count > 0) is { } first)
            found.Add(new FoundFolder(MigrationSource.Tool, first.Folder, ByContent, MigrationTools.Flyway) { Program = MigrationTools.Flyway.ProgramIn(first.Folder) });
    }

    private static bool IsShape(this MigrationTool? tool) => tool is { IsShapeOnly: true };

    private static FoundFolder? Judge(MigrationTool tool, string folder, Dictionary<string, string> heads)
    {
        var program = tool.Code is null ? null : Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
            .FirstOrDefault(f => tool.Code.IsMatch(Path.GetFileName(f)) && (tool.CodeMark is null || tool.CodeMark.IsMatch(Head(f, heads))));
        bool HasMark() => tool.Mark is { } mark && Directory.EnumerateFiles(folder, "*.sql").Any(f => mark.IsMatch(Head(f, heads)));
        if (tool == MigrationTools.Atlas && AtlasFolder.HasSum(folder) && AtlasFolder.IsOfOtherFormat(folder, f => Head(f, heads)))
            return null;
        if (tool == MigrationTools.Sqitch && SqitchConfig.Of(folder) is { } sqitch && sqitch.TopFolder == folder && File.Exists(sqitch.Plan))
            return new FoundFolder(MigrationSource.Tool, folder, ByContent, tool);
        if (tool == MigrationTools.Liquibase && LiquibaseConfig.ChangeLog(folder) is not null)
            return new FoundFolder(MigrationSource.Tool, folder, ByContent, tool);
        var weight = tool.Inside.Any(i => Exists(folder, i)) ? (tool.IsShapeOnly ? ByName : ByContent)
            : program is not null ? ByMark
            : !tool.IsMarkAnyones && HasMark() ? ByMark
            : HasSign(tool, folder) && tool.Read(folder).Count > 0 ? BySign
            : tool.IsMarkAnyones && HasMark() ? ByName
            : tool.Names is { } names && Names(tool, folder).Any(n => names.IsMatch(n)) && !IsNumberedOtherwise(tool, folder) ? ByName : 0;
        return weight == 0 ? null : new FoundFolder(MigrationSource.Tool, folder, weight, tool) { Program = tool.ReadsPrograms ? null : program ?? tool.ProgramIn(folder) };
    }

    /// <summary>A repeatable script next to numbered files is not Flyway's.</summary>
    private static bool IsNumberedOtherwise(MigrationTool tool, string folder) =>
        tool == MigrationTools.Flyway && Names(tool, folder).ToList() is var names && names.TrueForAll(n => n.StartsWith("R__", StringComparison.Ordinal) || !tool.Names!.IsMatch(n)) && names.Exists(n => char.IsAsciiDigit(n[0]));

    /// <summary>Flyway's are in subfolders, too.</summary>
    private static IEnumerable<string> Names(MigrationTool tool, string folder)
    {
        var isUsual = tool.Folders.Any(f => Path.GetFileName(f) == Path.GetFileName(folder));
        return new[] { folder }.Concat(tool == MigrationTools.Flyway && isUsual ? Directory.EnumerateDirectories(folder) : []).SelectMany(d => Directory.EnumerateFiles(d, "*.sql")).Select(f => Path.GetFileName(f));
    }

    /// <summary>The configuration is in the folder from which the tool finds this folder.</summary>
    private static bool HasSign(MigrationTool tool, string folder)
    {
        if (tool.Signs.Count == 0)
            return false;
        var project = Directory.GetParent(folder);
        for (var level = 0; project is not null && level < LevelsUp; level++, project = project.Parent)
        {
            var relative = Path.GetRelativePath(project.FullName, folder).Replace('\\', '/');
            if ((tool.Folders.Contains(relative) || (tool.ConfiguredFolder(project.FullName) is { } own && Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(project.FullName, own))) == folder)) && tool.Signs.Any(s => HasSign(project.FullName, s)))
                return true;
        }

        return false;
    }

    public static bool HasSign(string project, string sign)
    {
        var (name, text) = sign.Split(':', 2) is [var file, var part] ? (file, part) : (sign, null);
        var path = Path.Combine(project, name);
        return File.Exists(path) && (text is null || File.ReadAllText(path).Contains(text, StringComparison.Ordinal));
    }

    private static bool Exists(string folder, string path)
    {
        var (first, rest) = path.Split('/', 2) is [var one, var more] ? (one, more) : (path, null);
        return rest is null
            ? Directory.EnumerateFiles(folder, "*", Readable).Any(f => FileSystemName.MatchesSimpleExpression(first, Path.GetFileName(f), ignoreCase: false))
            : Directory.EnumerateDirectories(folder, "*", Readable).Any(d => FileSystemName.MatchesSimpleExpression(first, Path.GetFileName(d), ignoreCase: false) && Path.GetFileName(d) != "node_modules" && Exists(d, rest));
    }

    private static string Head(string path, Dictionary<string, string> heads) => heads.TryGetValue(path, out var known) ? known : heads[path] = Head(path);

    public static string Head(string path)
    {
        using var reader = new StreamReader(path);
        var buffer = new char[(int)Math.Min(HeadLength, new FileInfo(path).Length)];
        return new string(buffer, 0, reader.ReadBlock(buffer));
    }
}
