using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>The migrations of a project, in the order their tool runs them.</summary>
/// <param name="Root">The folder the migrations lie in.</param>
internal sealed record MigrationFolder(MigrationSource Source, string Root, IReadOnlyList<MigrationFile> Files, IComparer<string> Order)
{
    private static readonly string[] UsualNames = ["drizzle", "migrations"];

    /// <summary>Where the ledger is; null where it is not Drizzle's.</summary>
    public DrizzleSettings? Drizzle { get; init; }

    /// <summary>Finds out what lies at <paramref name="path"/>.</summary>
    /// <exception cref="DbSafetyException"><c>DBS401</c>, <c>DBS410</c>, <c>DBS411</c>, <c>DBS414</c>, <c>DBS415</c>.</exception>
    public static MigrationFolder Open(string path)
    {
        var root = Path.GetFullPath(path);
        if (!Directory.Exists(root))
            throw ErrorCatalogue.MigrationsNotFound.For(path, File.Exists(root) ? "it is a file" : "there is no such folder");
        try
        {
            if (Drizzles(root) is { } drizzle)
                return Named(drizzle, root);
            foreach (var folder in new[] { root, Path.Combine(root, "migrations"), Path.Combine(root, "prisma", "migrations") })
            {
                if (PrismaFolder.IsOne(folder))
                    return Named(PrismaFolder.Open(folder), root);
            }

            return SqlFolder.Open(root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.FileUnreadable.Because(e, path, e.Message);
        }
    }

    /// <summary>For a command of the project: a folder without migrations that can be read is one too.</summary>
    public static MigrationFolder OpenForCommand(string path)
    {
        try
        {
            return Open(path);
        }
        catch (DbSafetyException e) when (Directory.Exists(path) && (e.Definition == ErrorCatalogue.MigrationsNotFound || e.Definition == ErrorCatalogue.MigrationsUnsupported))
        {
            return new MigrationFolder(MigrationSource.Other, Path.GetFullPath(path), [], StringComparer.Ordinal);
        }
    }

    /// <summary>What <c>drizzle.config.*</c> points to, or the folder itself, or the one Drizzle makes where nobody says otherwise.</summary>
    private static MigrationFolder? Drizzles(string root)
    {
        if (DrizzleFolder.IsOne(root))
            return DrizzleFolder.Open(root, DrizzleConfig.Of(System.IO.Path.TrimEndingDirectorySeparator(root)));
        if (DrizzleConfig.In(root) is { } config && DrizzleFolder.IsOne(config.Out))
            return DrizzleFolder.Open(config.Out, config);
        var usual = UsualNames.Select(n => System.IO.Path.Combine(root, n)).FirstOrDefault(DrizzleFolder.IsOne);
        return usual is null ? null : DrizzleFolder.Open(usual, DrizzleConfig.Of(usual));
    }

    /// <summary>Findings name files relative to the folder that was asked for.</summary>
    private static MigrationFolder Named(MigrationFolder folder, string root) => folder with
    {
        Files = [.. folder.Files.Select(f => f with { RelativePath = System.IO.Path.GetRelativePath(root, f.Path).Replace('\\', '/') })],
    };
}
