namespace DbSafety.Core.Tests.Analysis.Judge;

/// <summary>The *.sql files below each folder of <c>DBSAFETY_CORPUS</c>, at any depth.</summary>
internal static class SqlCorpus
{
    public static string? Folder => Environment.GetEnvironmentVariable("DBSAFETY_CORPUS") is { Length: > 0 } folder ? folder : null;

    public static IEnumerable<(string Name, IReadOnlyList<string> Files)> Projects() =>
        Directory.EnumerateDirectories(Folder!).Order(StringComparer.Ordinal).Select(project => (Path.GetFileName(project), Files(project)));

    public static bool IsEmpty => Folder is null || !Directory.Exists(Folder) || Projects().All(p => p.Files.Count == 0);

    private static IReadOnlyList<string> Files(string project) =>
        [.. Directory.EnumerateFiles(project, "*.sql", SearchOption.AllDirectories).Where(f => new FileInfo(f).ResolveLinkTarget(returnFinalTarget: true) is null or { Exists: true }).Order(StringComparer.Ordinal)];
}
