using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// The folder in which a project's users type its commands. Tools look there for their configuration, and for the folder of migrations: it is the nearest, from the folder of the
/// migrations upwards, that has the tool's configuration; else the nearest in which the tool's own default leads to that folder (<c>db/migrations</c>), or that has a
/// <c>package.json</c>; without either, the nearest folder with a file that marks a project.
/// </summary>
internal static class ProjectRoot
{
    /// <summary>Files that are at the top of a project, whatever its tool.</summary>
    private static readonly string[] Manifests =
        ["package.json", "go.mod", "Cargo.toml", "pyproject.toml", "Gemfile", "composer.json", "mix.exs", "pom.xml", "build.gradle", "build.gradle.kts", "manage.py", "Makefile", "justfile"];

    public static string Of(string path)
    {
        var named = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Recognised(named) is not { } found)
            return Nearest(named, f => HasFile(f, "package.json")) ?? Nearest(named, f => Array.Exists(Manifests, m => HasFile(f, m))) ?? named;
        var beside = found.Tool?.RunsBeside?.Select(s => Nearest(found.Folder, f => ProjectFolders.HasSign(f, s))).FirstOrDefault(f => f is not null);
        return beside ?? Nearest(found.Folder, f => Configures(f, found)) ?? Nearest(found.Folder, f => LeadsTo(f, found) || HasFile(f, "package.json"))
            ?? Nearest(found.Folder, f => Array.Exists(Manifests, m => HasFile(f, m))) ?? named;
    }

    /// <summary>The nearest folder from this one upwards that has a file; null: there is none.</summary>
    public static string? Above(string folder, string file) => Nearest(folder, f => HasFile(f, file));

    /// <summary>A file marks this folder as a project, or it is the root of the repository.</summary>
    public static bool BeginsAt(string folder) => Path.Exists(Path.Combine(folder, ".git")) || Array.Exists(Manifests, m => HasFile(folder, m));

    private static FoundFolder? Recognised(string named)
    {
        try
        {
            return Directory.Exists(named) ? MigrationFolder.Recognised(named, null) : null;
        }
        catch (DbSafetyException)
        {
            // The command can run anyway.
            return null;
        }
    }

    /// <summary>Within the repository.</summary>
    private static string? Nearest(string from, Func<string, bool> isIt)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (isIt(folder.FullName))
                return folder.FullName;
            if (Path.Exists(Path.Combine(folder.FullName, ".git")))
                break;
        }

        return null;
    }

    private static bool Configures(string folder, FoundFolder found)
    {
        try
        {
            return found switch
            {
                { Source: MigrationSource.Drizzle } => DrizzleConfig.In(folder).Any(c => c.Out == found.Folder),
                { Source: MigrationSource.Prisma } => PrismaConfig.HasOne(folder) && PrismaConfig.MigrationsOf(folder) == found.Folder,
                { Tool: { } tool } => tool.Signs.Any(s => ProjectFolders.HasSign(folder, s)),
                _ => false,
            };
        }
        catch (DbSafetyException)
        {
            // The folder that it computes is not known; the tool uses the nearest configuration.
            return true;
        }
    }

    private static bool LeadsTo(string folder, FoundFolder found)
    {
        var usual = found switch
        {
            { Source: MigrationSource.Prisma } => ["prisma/migrations", "migrations"],
            { Source: MigrationSource.Drizzle } => ["drizzle"],
            _ => found.Tool?.Folders ?? [],
        };
        // The longest that fits: db/migrations leads from the folder above db.
        var fitting = usual.Where(u => found.Folder.Replace('\\', '/').EndsWith("/" + u, StringComparison.Ordinal)).MaxBy(u => u.Length);
        return fitting is not null && Path.GetFullPath(Path.Combine(folder, fitting)) == found.Folder;
    }

    private static bool HasFile(string folder, string name) => File.Exists(Path.Combine(folder, name));
}
