using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Operations;
using DbSafety.PowerShell.Views;

namespace DbSafety.PowerShell.Completion;

/// <summary>The sets in the typed folder, the newest first. If the folder has no sets, the shell completes file names.</summary>
public sealed class BackupCompleter : PromptCompleter
{
    private protected override async Task<IEnumerable<PromptAnswer>> FindAsync(PromptLine line, CancellationToken ct)
    {
        var typed = line.Word.LastIndexOfAny(['/', '\\']) is >= 0 and var at ? line.Word[..(at + 1)] : "";
        var folder = Directory.Exists(line.WordPath) ? line.WordPath : Path.GetDirectoryName(line.WordPath);
        return (await ListAsync(folder, ct)).Select(b => new PromptAnswer(
            typed + Path.GetFileName(b.Path), $"{b.Database}: {b.State}, {Readable.Count(b.Rows)} rows, {Readable.Size(b.Bytes)}, {Readable.Time(b.SnapshotTime)}"));
    }

    /// <summary>The set of that manifest; null if the file is not a manifest.</summary>
    internal static async Task<PgBackup?> ReadAsync(string? path, CancellationToken ct) =>
        File.Exists(path) ? (await ListAsync(Path.GetDirectoryName(path), ct)).FirstOrDefault(b => Path.GetFileName(b.Path) == Path.GetFileName(path)) : null;

    internal static async Task<IReadOnlyList<PgBackup>> ListAsync(string? folder, CancellationToken ct) =>
        Directory.Exists(folder) ? await new ListBackups().RunAsync(new BackupListRequest(folder), OperationEvents.None, ct) : [];
}
