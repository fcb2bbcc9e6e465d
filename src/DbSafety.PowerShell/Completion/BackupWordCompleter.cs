using DbSafety.Backups.Sets.Folders;

namespace DbSafety.PowerShell.Completion;

/// <summary>Values from the sets of the folder: their labels, environments, databases, or the extensions of a set.</summary>
public sealed class BackupWordCompleter : PromptCompleter
{
    private protected override async Task<IEnumerable<PromptAnswer>> FindAsync(PromptLine line, CancellationToken ct)
    {
        var folder = File.Exists(line.Path) ? Path.GetDirectoryName(line.Path) : line.Path;
        var chosen = File.Exists(line.Path) ? Path.GetFileName(line.Path) : null;
        return (await BackupCompleter.ListAsync(folder, ct))
            .Where(b => chosen is null || Path.GetFileName(b.Path) == chosen)
            .SelectMany(b => Words(line.Parameter, b.Manifest))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Select(w => new PromptAnswer(w));
    }

    private static IEnumerable<string> Words(string parameter, BackupManifest manifest) => parameter switch
    {
        "Label" or "KeepLabel" => manifest.Labels,
        "Environment" => [manifest.Environment],
        "SkipExtension" => manifest.Extensions.Select(e => e.Name),
        _ => [manifest.Database],
    };
}
