using DbSafety.Errors;
using DbSafety.Migrations.Sources;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>A folder of migrations somewhere in a real project.</summary>
/// <param name="Path">From the corpus on, with slashes.</param>
/// <param name="Folder">Null: nothing for this round.</param>
/// <param name="Reason">Why it is passed over.</param>
internal sealed record CorpusProject(string Path, MigrationFolder? Folder, string? Reason);

/// <summary>
/// The folders of Prisma's and Drizzle's migrations below <c>DBSAFETY_CORPUS</c>, which names a folder of checkouts, at any depth. None of them
/// belongs to this repository.
/// </summary>
internal static class CorpusProjects
{
    private static readonly string[] NotLookedInto = ["node_modules", ".git", "bin", "obj"];

    private static readonly Lazy<IReadOnlyList<CorpusProject>> Found = new(() => Folder is { } folder && Directory.Exists(folder) ? [.. Below(folder)] : []);

    public static string? Folder => Environment.GetEnvironmentVariable("DBSAFETY_CORPUS") is { Length: > 0 } folder ? System.IO.Path.GetFullPath(folder) : null;

    public static IReadOnlyList<CorpusProject> All => Found.Value;

    /// <summary>Why a round over these has nothing to do; null where it has.</summary>
    public static string? Nothing => Folder is null ? "DBSAFETY_CORPUS names no folder of real projects"
        : All.All(p => p.Folder is null) ? $"below DBSAFETY_CORPUS ({Folder}) there are no migrations of Prisma or Drizzle for PostgreSQL" : null;

    private static IEnumerable<CorpusProject> Below(string folder)
    {
        if (DrizzleFolder.IsOne(folder) || PrismaFolder.IsOne(folder))
        {
            yield return Open(folder);
            yield break;
        }

        var inner = Directory.EnumerateDirectories(folder).Where(d => !NotLookedInto.Contains(System.IO.Path.GetFileName(d)) && new DirectoryInfo(d).LinkTarget is null);
        foreach (var found in inner.Order(StringComparer.Ordinal).SelectMany(Below))
            yield return found;
    }

    private static CorpusProject Open(string folder)
    {
        var name = System.IO.Path.GetRelativePath(Folder!, folder).Replace('\\', '/');
        try
        {
            return new CorpusProject(name, MigrationFolder.Open(folder), null);
        }
        catch (DbSafetyException e)
        {
            return new CorpusProject(name, null, e.Message);
        }
    }
}

/// <summary>A round over the real projects, one case a folder of migrations. Where there are none it did not run.</summary>
public sealed class CorpusTheoryAttribute : TheoryAttribute
{
    public CorpusTheoryAttribute() => Skip = CorpusProjects.Nothing;
}
