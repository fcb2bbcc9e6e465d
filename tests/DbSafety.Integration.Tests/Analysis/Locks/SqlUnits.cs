using DbSafety.Errors;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations.Sources;

namespace DbSafety.Integration.Tests.Analysis.Locks;

/// <summary>Scripts that are meant for one database, in their order.</summary>
internal sealed record SqlUnit(string Path, IReadOnlyList<(string File, string Text)> Scripts);

/// <summary>
/// What can be run below <c>DBSAFETY_CORPUS</c>: the migrations of Prisma and Drizzle, and every other folder that <c>*.sql</c> files lie in, such as
/// those of PostgreSQL's own regression tests.
/// </summary>
internal static class SqlUnits
{
    private static readonly Lazy<IReadOnlyList<SqlUnit>> Found = new(() => CorpusProjects.Folder is { } folder && Directory.Exists(folder) ? [.. Read(folder)] : []);

    public static IReadOnlyList<SqlUnit> All => Found.Value;

    /// <summary>Why a round over these has nothing to do; null where it has.</summary>
    public static string? Nothing => CorpusProjects.Folder is null ? "DBSAFETY_CORPUS names no folder of real projects"
        : All.Count == 0 ? $"below DBSAFETY_CORPUS ({CorpusProjects.Folder}) there are no *.sql files" : null;

    private static IEnumerable<SqlUnit> Read(string folder)
    {
        var projects = CorpusProjects.All.Where(p => p.Folder is not null).ToList();
        foreach (var project in projects)
            yield return new SqlUnit(project.Path, [.. project.Folder!.Files.Select(f => (f.RelativePath, f.Text))]);
        var taken = projects.Select(p => p.Folder!.Root + Path.DirectorySeparatorChar).ToList();
        var others = Directory.EnumerateFiles(folder, "*.sql", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Where(f => !taken.Exists(t => f.StartsWith(t, StringComparison.Ordinal))).Select(f => Path.GetDirectoryName(f)!).Distinct().Order(StringComparer.Ordinal);
        foreach (var other in others)
            yield return new SqlUnit(Path.GetRelativePath(folder, other).Replace('\\', '/'), [.. Files(other).Select(f => (f, File.ReadAllText(Path.Combine(other, f))))]);
    }

    /// <summary>In the order of their names where nobody can tell what runs them, or the tool's own command runs them with other files.</summary>
    private static IEnumerable<string> Files(string folder)
    {
        try
        {
            return [.. ScriptFolder.Find(folder).Where(s => !s.IsUndo && !s.File.Contains('/')).Select(s => s.File)];
        }
        catch (DbSafetyException)
        {
            return Directory.EnumerateFiles(folder, "*.sql").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);
        }
    }
}

/// <summary>A round over public SQL, one case a folder. Where there is none it did not run.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SqlUnitsFactAttribute : FactAttribute
{
    public SqlUnitsFactAttribute() => Skip = SqlUnits.Nothing;
}
