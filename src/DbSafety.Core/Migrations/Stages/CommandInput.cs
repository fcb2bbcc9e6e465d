using System.Security.Cryptography;
using DbSafety.Errors;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;

namespace DbSafety.Migrations.Stages;

/// <summary>
/// The files that a command of the project reads, with their hashes: the command runs on production what was analysed and rehearsed only if they are
/// unchanged. A command that generates migrations writes them in its rehearsal.
/// </summary>
/// <param name="isKnown">Only the migrations of a known tool are read; otherwise all files in the folder.</param>
internal sealed class CommandInput(IReadOnlyDictionary<string, string> files, bool isKnown)
{
    /// <summary>The maximum size in bytes of a file that is treated as a migration in code.</summary>
    private const long MostBytes = 1_000_000;

    private static readonly EnumerationOptions Readable = new() { IgnoreInaccessible = true, AttributesToSkip = 0 };

    private static readonly string[] NotRead = ["node_modules", "__pycache__", "venv", "target"];

    public static CommandInput Of(MigrationFolder folder) => folder.Source == MigrationSource.Other
        ? new CommandInput(In(folder.Root).ToDictionary(f => Path.GetRelativePath(folder.Root, f), Hash, StringComparer.Ordinal), isKnown: false)
        : new CommandInput(folder.Files.Where(f => f.Bytes is not null).DistinctBy(f => f.RelativePath, StringComparer.Ordinal).ToDictionary(f => f.RelativePath, f => f.WholeFile ?? f.Checksum!, StringComparer.Ordinal), isKnown: true);

    /// <summary>Called before the command runs on production.</summary>
    /// <exception cref="DbSafetyException"><c>DBS463</c>.</exception>
    public void CheckSame(SafeMigrationRun run)
    {
        var now = Of(MigrationProject.Open(run.Request.Path, run.Request.Target, byCommand: true, run.Request.Source).Folder).Files;
        var changed = files.Keys.Union(now.Keys).Where(f => files.GetValueOrDefault(f) != now.GetValueOrDefault(f)).Order(StringComparer.Ordinal)
            .Select(f => $"{f} was {(!files.ContainsKey(f) ? "added" : now.ContainsKey(f) ? "changed" : "removed")}").ToList();
        if (changed.Count == 0)
            return;
        var what = string.Join(", ", changed.Take(20)) + (changed.Count > 20 ? $" and {changed.Count - 20} more" : "");
        if (isKnown)
            throw ErrorCatalogue.InputChanged.For(run.Request.Path, what, run.Request.Command!.ToString());
        run.Events.Warning($"{what} in {run.Request.Path} after this run began; if {run.Request.Command} reads these files, it now runs different migrations");
    }

    /// <summary>The hash of each file, by its path.</summary>
    public IReadOnlyDictionary<string, string> Files => files;

    /// <summary>Excludes logs and folders whose names begin with a dot. Some tools keep their history in a file such as .migrate.</summary>
    private static IEnumerable<string> In(string folder) => new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Readable).Where(e => e.LinkTarget is null && !(e is DirectoryInfo && e.Name.StartsWith('.'))).SelectMany(e => e switch
    {
        DirectoryInfo inner => NotRead.Contains(inner.Name) ? [] : In(inner.FullName),
        FileInfo { Length: <= MostBytes, Extension: not ".log" } => [e.FullName],
        _ => [],
    });

    private static string Hash(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.GetType().Name;
        }
    }
}
