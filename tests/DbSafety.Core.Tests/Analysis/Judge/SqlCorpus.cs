namespace DbSafety.Core.Tests.Analysis.Judge;

/// <summary>The *.sql files below each folder of <c>DBSAFETY_CORPUS</c>, at any depth. Links are passed over: they lead to other files, or nowhere.</summary>
internal static class SqlCorpus
{
    private static readonly EnumerationOptions AtAnyDepth = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    public static string? Folder => Environment.GetEnvironmentVariable("DBSAFETY_CORPUS") is { Length: > 0 } folder ? folder : null;

    public static bool IsEmpty => Folder is null || !Directory.Exists(Folder) || Projects().All(p => p.Files.Count == 0);

    public static IEnumerable<(string Name, IReadOnlyList<string> Files)> Projects() =>
        Directory.EnumerateDirectories(Folder!).Order(StringComparer.Ordinal)
            .Select(project => (Path.GetFileName(project), (IReadOnlyList<string>)[.. Directory.EnumerateFiles(project, "*.sql", AtAnyDepth).Order(StringComparer.Ordinal)]));
}
