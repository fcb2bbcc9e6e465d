using DbSafety.Errors;
using DbSafety.Migrations.Sources.Flyway;

namespace DbSafety.Migrations.Sources;

/// <summary>The migrations of a project, in the order their tool runs them.</summary>
/// <param name="Root">The folder that contains the migrations.</param>
internal sealed record MigrationFolder(MigrationSource Source, string Root, IReadOnlyList<MigrationFile> Files, IComparer<string> Order)
{
    /// <summary>The location of Drizzle's migration history; null if it is not Drizzle's.</summary>
    public DrizzleSettings? Drizzle { get; init; }

    /// <summary>The tool that runs them; null: DbSafety runs them.</summary>
    public MigrationTool? Tool { get; init; }

    /// <summary>Scripts that run with the migrations but are not migrations, each with its place: 0 before them, 1 before the repeatable ones, 2 after all.</summary>
    public IReadOnlyList<(int Place, MigrationFile File)> Callbacks { get; init; } = [];

    /// <summary>Only its file names show that it belongs to a tool, and each file is a migration.</summary>
    public bool CanBeSql { get; init; }

    /// <summary>Everything that runs with these migrations, in order.</summary>
    public IReadOnlyList<MigrationFile> WithCallbacks(IReadOnlyCollection<MigrationFile> migrations)
    {
        IEnumerable<MigrationFile> At(int place) => Callbacks.Where(c => c.Place == place).Select(c => c.File);
        return migrations.Count == 0 ? [] : [.. At(0), .. migrations.Where(m => !m.IsRepeatable), .. At(1), .. migrations.Where(m => m.IsRepeatable), .. At(2)];
    }

    /// <summary>Determines the migrations at <paramref name="path"/>.</summary>
    /// <param name="source">SQL: the files are treated as plain SQL files, whatever tool's layout the folder has.</param>
    /// <exception cref="DbSafetyException"><c>DBS401</c>, <c>DBS410</c>, <c>DBS411</c>, <c>DBS414</c>, <c>DBS415</c>, <c>DBS472</c>, <c>DBS473</c>, <c>DBS488</c>, <c>DBS490</c>, <c>DBS491</c>.</exception>
    public static MigrationFolder Open(string path, MigrationSource? source = null)
    {
        var root = Folder(path);
        try
        {
            if (Recognised(root, source) is { } found)
                return Open(found, root);
            if (source != MigrationSource.Sql && FolderNames.NoMigrations(Path.TrimEndingDirectorySeparator(root)) is { } other && SqlFolder.IsOne(root))
                throw ErrorCatalogue.NoMigrationsFolder.For(root, other.What, other.Migrations is { } migrations ? $", or specify {migrations}" : "");
            return SqlFolder.Open(root);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.MigrationsNotFound && source != MigrationSource.Sql && MigrationTools.OfProject(root) is { } project)
        {
            throw ErrorCatalogue.ProgramProject.Because(e, root, project.Tool.Name, project.File, project.Tool.Command);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.FileUnreadable.Because(e, path, e.Message);
        }
    }

    /// <summary>The tool and the folder of the migrations; null: possibly a folder of SQL files.</summary>
    /// <exception cref="DbSafetyException"><c>DBS473</c> there is more than one answer; <c>DBS481</c> the SQL files can be parts of others.</exception>
    public static FoundFolder? Recognised(string root, MigrationSource? source)
    {
        if (source == MigrationSource.Sql)
            return null;
        root = Path.TrimEndingDirectorySeparator(root);
        var all = ProjectFolders.In(root);
        var found = all.Where(f => f.Folder == root && f.Source != MigrationSource.Sql).ToList();
        if (found.Count == 0)
            found = [.. all];
        // It is not certain which tool these SQL files belong to.
        if (found.TrueForAll(f => f.Source == MigrationSource.Sql && f.Folder == root) && SqlFolder.IsOne(root) && ProgramsNearby.Of(root) is { } near)
            throw Beside(root, near);
        if (found is [_, _] && found.Exists(f => f.Source == MigrationSource.Sql && f.Folder == root))
            throw Beside(root, found.Find(f => f.Source != MigrationSource.Sql)!);
        if (found.Count > 1)
            throw ErrorCatalogue.ProjectAmbiguous.For(root, string.Join(", ", found.Select(f => $"{Path.GetRelativePath(root, f.Folder)} ({f.Kind}{(f.Config is { } config ? $", {Path.GetFileName(config.Path)}" : "")})").Order(StringComparer.Ordinal)));
        return found is [{ Source: not MigrationSource.Sql } one] ? one : null;
    }

    private static DbSafetyException Beside(string root, FoundFolder other) =>
        ErrorCatalogue.SqlNextToMigrations.For(root, other.Folder, other.Kind, other.Program is not null && other.Tool is { } tool ? $", and run them by their own command: {Advice.Of($"--command '{tool.Command}'")}" : "");

    /// <summary>For a command of the project: a folder without readable migrations is accepted, too.</summary>
    public static MigrationFolder OpenForCommand(string path, MigrationSource? source = null)
    {
        try
        {
            return Open(path, source);
        }
        catch (DbSafetyException e) when (Directory.Exists(path) && (e.Definition == ErrorCatalogue.MigrationsNotFound || e.Definition == ErrorCatalogue.MigrationsUnsupported || e.Definition == ErrorCatalogue.ToolUnreadable || e.Definition == ErrorCatalogue.ToolFileUnreadable || e.Definition == ErrorCatalogue.ProgramProject || e.Definition == ErrorCatalogue.FilesOfTwoKinds))
        {
            var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
            var found = e.Definition == ErrorCatalogue.ToolUnreadable ? Recognised(root, source) : null;
            var tool = found?.Tool ?? (e.Definition == ErrorCatalogue.ProgramProject ? MigrationTools.OfProject(root)?.Tool : null);
            return new MigrationFolder(MigrationSource.Other, root, [], StringComparer.Ordinal) { Tool = tool is null ? null : MigrationTools.Configured(tool, found?.Folder ?? root) };
        }
    }

    public static string Folder(string path) =>
        Path.GetFullPath(path) is var root && Directory.Exists(root) ? root : throw ErrorCatalogue.MigrationsNotFound.For(path, File.Exists(root) ? "it is a file" : "the folder does not exist");

    public static MigrationFolder Open(FoundFolder found, string root) => Named(found.Source switch
    {
        MigrationSource.Prisma => WithLeftOut(PrismaFolder.Open(found.Folder), isCertain: PrismaFolder.HasLock(found.Folder)),
        MigrationSource.Drizzle => WithLeftOut(DrizzleFolder.Open(found.Folder, found.Config), isCertain: true),
        _ => OfTool(found),
    }, root);

    private static MigrationFolder OfTool(FoundFolder found)
    {
        var tool = found.Tool!;
        if (found.Program is not null)
            throw ErrorCatalogue.ToolUnreadable.For(found.Program, tool.Name, tool.Command);
        IReadOnlyList<MigrationFile> files = [.. tool.Read(found.Folder).Select(f => f with { Marks = tool.Parts })];
        tool = MigrationTools.Configured(tool, found.Folder);
        if (files.Count == 0)
            throw ErrorCatalogue.MigrationsNotFound.For(found.Folder, $"it looks like a folder of {tool.Name}, but no file in it has a name that {tool.Name} reads");
        if (files.GroupBy(f => f.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any()) is { } twice)
            throw ErrorCatalogue.ToolFileUnreadable.For(twice.First().Path, tool.Name, $"there is more than one migration {twice.Key}");
        var folder = new MigrationFolder(MigrationSource.Tool, found.Folder, files, new ListedOrder(files.Select(f => f.Name)))
        {
            Tool = tool,
            Callbacks = tool.Callbacks(found.Folder),
            CanBeSql = found.Weight == ProjectFolders.ByName && SqlFolder.IsOne(found.Folder),
        };
        // Their files are anywhere, and listed in a file of their own.
        return tool.Name == MigrationTools.Liquibase.Name || tool.Name == MigrationTools.Sqitch.Name || tool.Name == MigrationTools.Prisma8.Name ? folder : WithLeftOut(folder, isCertain: found.Weight > ProjectFolders.ByName);
    }

    /// <summary>Adds the files that its tool does not read.</summary>
    /// <param name="isCertain">More than some file names shows which tool the folder belongs to.</param>
    /// <exception cref="DbSafetyException"><c>DBS491</c>: the other files can be migrations.</exception>
    private static MigrationFolder WithLeftOut(MigrationFolder folder, bool isCertain)
    {
        var name = folder.Tool?.Name ?? folder.Source.ToString();
        List<MigrationFile> others = [.. IgnoredFiles.Files(folder.Root, [.. folder.Files, .. folder.Callbacks.Select(c => c.File)], name)];
        // Flyway knows such a name, but is configured to look elsewhere.
        if (name == MigrationTools.Flyway.Name)
            others.RemoveAll(f => FlywayName.Read(f.Name, FlywaySettings.Of(folder.Root)) is not null);
        if (others.Count > 0 && !isCertain)
            throw ErrorCatalogue.FilesOfTwoKinds.For(folder.Root, folder.Files[0].RelativePath, name, string.Join(", ", others.Take(10).Select(f => f.Name)));
        return folder with { Files = [.. folder.Files, .. others] };
    }

    /// <summary>Findings show files relative to the requested folder.</summary>
    private static MigrationFolder Named(MigrationFolder folder, string root) => folder with
    {
        Files = [.. folder.Files.Select(f => Named(f, root))],
        Callbacks = [.. folder.Callbacks.Select(c => (c.Place, Named(c.File, root)))],
    };

    private static MigrationFile Named(MigrationFile file, string root) => file with { RelativePath = System.IO.Path.GetRelativePath(root, file.Path).Replace('\\', '/') };
}
