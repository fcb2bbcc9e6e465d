using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>Prisma's <c>migrations</c> folder: one folder for each migration, and <c>migration_lock.toml</c>.</summary>
internal static class PrismaFolder
{
    private const string Script = "migration.sql";

    private const string Lock = "migration_lock.toml";

    public static bool IsOne(string folder) =>
        Directory.Exists(folder)
        && (File.Exists(Path.Combine(folder, Lock)) || Directory.EnumerateDirectories(folder).Any(d => File.Exists(Path.Combine(d, Script))));

    public static bool HasLock(string folder) => File.Exists(Path.Combine(folder, Lock));

    /// <summary>The folder itself, or the one that Prisma uses from there.</summary>
    public static IReadOnlyList<string> Below(string root)
    {
        if (IsPrisma(root))
            return [root];
        return PrismaConfig.MigrationsOf(root) is { } configured ? (IsPrisma(configured) ? [configured] : [])
            : [.. new[] { Path.Combine(root, "migrations"), Path.Combine(root, "prisma", "migrations") }.Where(IsPrisma)];
    }

    /// <summary>Drizzle's folders look like Prisma's, but for the snapshots.</summary>
    private static bool IsPrisma(string folder) => IsOne(folder) && !DrizzleFolder.IsOne(folder);

    public static MigrationFolder Open(string folder)
    {
        CheckProvider(folder);
        // Prisma does not treat links as folders, because it checks the type of each entry.
        var files = Directory.EnumerateDirectories(folder).Where(d => !File.GetAttributes(d).HasFlag(FileAttributes.ReparsePoint))
            .Select(d => Read(d, Path.GetFileName(d)))
            .OrderBy(f => f.Name, PrismaOrder.Instance)
            .ToList();
        return new MigrationFolder(MigrationSource.Prisma, folder, files, PrismaOrder.Instance);
    }

    private static MigrationFile Read(string folder, string name)
    {
        var path = Path.Combine(folder, Script);
        return new MigrationFile(name, path, $"{name}/{Script}") { Bytes = File.Exists(path) ? File.ReadAllBytes(path) : null };
    }

    private static void CheckProvider(string folder)
    {
        var path = Path.Combine(folder, Lock);
        if (!File.Exists(path))
            return;
        var line = File.ReadLines(path).FirstOrDefault(l => l.StartsWith("provider", StringComparison.Ordinal));
        var provider = line?.Split('=', 2) is [_, var value] ? value.Trim().Trim('"') : null;
        if (provider is not null and not ("postgresql" or "postgres"))
            throw ErrorCatalogue.WrongProvider.For(path, provider);
    }
}
