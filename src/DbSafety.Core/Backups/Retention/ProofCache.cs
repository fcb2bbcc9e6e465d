using System.Collections.Concurrent;
using System.Globalization;
using DbSafety.Backups.Sets;
using DbSafety.Operations;

namespace DbSafety.Backups.Retention;

/// <summary>
/// Sets that were read completely and found intact in this process. Such a set counts as intact for as long as its files have the same sizes and
/// times of change; else it is read again.
/// </summary>
internal static class ProofCache
{
    private static readonly ConcurrentDictionary<string, string> Proven = new(StringComparer.Ordinal);

    /// <summary>Whether the set is intact; reads it completely unless that was done before.</summary>
    public static async Task<bool> IsIntactAsync(PgBackup set, IOperationEvents events, CancellationToken ct)
    {
        if (IsUnchanged(set))
            return true;
        var stamp = Stamp(set);
        var (_, test) = await TestBackup.ReadSetAsync(new BackupTestRequest(set.Path), events, ct);
        if (!test.Passed)
        {
            events.Warning($"{Path.GetFileName(set.Path)} is damaged and is not counted: {test.Problems[0]}");
            return false;
        }

        Proven[set.Path] = stamp;
        return true;
    }

    /// <summary>Whether the set was found intact, and no file of it was changed since.</summary>
    public static bool IsUnchanged(PgBackup set) => Proven.TryGetValue(set.Path, out var stamp) && stamp == Stamp(set);

    private static string Stamp(PgBackup set) => string.Join(
        '|',
        [set.Manifest.Seal, .. set.Manifest.Files.Select(f => Path.Combine(set.Folder, f.Path)).Prepend(set.Path).Select(Stamp)]);

    private static string Stamp(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks}") : "gone";
    }
}
