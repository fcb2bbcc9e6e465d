namespace DbSafety.Integration.Tests.Migrations;

/// <summary>
/// A round over real projects: <c>DBSAFETY_CORPUS</c> names a folder with one folder for each of them, which holds Prisma's <c>migrations</c> or a
/// Drizzle project. None of them belongs to this repository.
/// </summary>
public sealed class CorpusFactAttribute : FactAttribute
{
    public CorpusFactAttribute()
    {
        if (Folder is null)
            Skip = "DBSAFETY_CORPUS names no folder of real projects";
    }

    public static string? Folder => Environment.GetEnvironmentVariable("DBSAFETY_CORPUS") is { Length: > 0 } folder ? folder : null;
}
