namespace DbSafety.Core.Tests.Analysis.Judge;

/// <summary>The hand-written scripts that are held against PostgreSQL's parser in every run.</summary>
internal static class JudgedSql
{
    private static string Folder => Repository.Folder("tests/DbSafety.Core.Tests/Analysis/Judge/Sql");

    public static IEnumerable<string> Files() => Directory.EnumerateFiles(Folder, "*.sql").Order(StringComparer.Ordinal);

    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));
}
