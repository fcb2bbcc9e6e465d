namespace DbSafety.Integration.Tests.Rounds.Dumps;

/// <summary>
/// The dumps in the folder that <c>DBSAFETY_DUMPS</c> names: each of its files, and each folder with a <c>toc.dat</c>, is one. None of them
/// belongs to this repository.
/// </summary>
internal static class PublicDumps
{
    public static string? Folder => Environment.GetEnvironmentVariable("DBSAFETY_DUMPS") is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    public static IReadOnlyList<string> Names => Folder is { } folder && Directory.Exists(folder)
        ? [.. Directory.EnumerateFileSystemEntries(folder).Where(p => File.Exists(p) || File.Exists(Path.Combine(p, "toc.dat"))).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Why a round over these has nothing to do; null where it has.</summary>
    public static string? Nothing => Folder is null ? "DBSAFETY_DUMPS names no folder of dumps" : Names.Count == 0 ? $"DBSAFETY_DUMPS ({Folder}) holds no dumps" : null;
}

/// <summary>A round over the dumps, one case a dump. Where there are none it did not run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PublicDumpTheoryAttribute : TheoryAttribute
{
    public PublicDumpTheoryAttribute() => Skip = PublicDumps.Nothing;
}
